// How much each parameter matters for a metric, as far as trials tell.
#ifndef PHOTINUS_SERVER_ANALYSIS_IMPORTANCE_H_
#define PHOTINUS_SERVER_ANALYSIS_IMPORTANCE_H_

#include <functional>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "common/space/flatten.h"

namespace photinus {

struct ParameterEffect {
  int parameter = 0;  // of the space
  double main = 0, total = 0;
};

struct Importance {
  double explained = 0;                  // share of the values' variance that the model predicts, each left out
  std::vector<ParameterEffect> effects;  // of all parameters, by falling total effect
};

// The Sobol indices (sobol_indices.h) of a Gaussian process's mean [Marrel et al. 2009] over the whole space, uniform
// under its parameters' scales. An inactive parameter has no value and so no effect: a parent's effect contains what
// switching its children on and off does, and a child's is what its value does while it is active, weighted by how
// often that is. Values that are outliers (gp/outliers.h) among trials all over the space count as the worst of the
// others, so that a few failures do not hide the rest. The model has kModelRows trials (model_rows.h).
//
// units: points of the trials as Flatten::ToUnit gives them; values: theirs, to be maximised, [n], finite, n >= 2.
// nullopt: cancelled, or no model could be fitted. Deterministic; about half a second for 1,000 trials of 20
// parameters.
inline constexpr Eigen::Index kModelRows = 512;
std::optional<Importance> MeasureImportance(const Flatten& flatten, const std::vector<UnitPoint>& units,
                                            const Eigen::VectorXd& values, const std::function<bool()>& cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ANALYSIS_IMPORTANCE_H_
