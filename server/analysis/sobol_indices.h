// How the variance of a function divides among its arguments.
#ifndef PHOTINUS_SERVER_ANALYSIS_SOBOL_INDICES_H_
#define PHOTINUS_SERVER_ANALYSIS_SOBOL_INDICES_H_

#include <functional>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "common/space/flatten.h"

namespace photinus {

// Per argument, 0 to 1: main <= total, which is 0 only for an argument without any effect [Sobol 2001; Homma & Saltelli
// 1996].
struct SobolIndices {
  std::vector<double> main;   // Var(E[f | x_i]) / Var(f)
  std::vector<double> total;  // E[Var(f | all but x_i)] / Var(f)
};

// The values of a function at points of the unit cube.
using CubeFunction = std::function<Eigen::VectorXd(const std::vector<UnitPoint>&)>;

// The indices of `f` under independent uniform arguments, by Jansen's estimators [1999; Saltelli et al. 2010, table 2]
// on `points` scrambled Sobol points, a power of two; f is asked (dimension + 2) times for as many values. All 0 for a
// constant. Deterministic. nullopt: cancelled, which may be null.
std::optional<SobolIndices> EstimateSobolIndices(int dimension, int points, const CubeFunction& f,
                                                 const std::function<bool()>& cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ANALYSIS_SOBOL_INDICES_H_
