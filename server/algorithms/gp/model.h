// The surrogate of one objective: a warp, a kernel and fitted hyper-parameters, chosen together.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_MODEL_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_MODEL_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "server/algorithms/gp/kernel.h"
#include "server/algorithms/gp/output_warp.h"

namespace photinus {

struct GpModel {
  OutputWarp warp;
  KernelParameters parameters;
  double mean = 0;   // prior mean of warped values
  double score = 0;  // mean leave-one-out log density of the better half, in the objective's own units

  // "Matern-5/2 with quadratic trend", for explanations.
  std::string Name() const;
};

// Models of several kinds fitted to the same values, the best first; never empty.
using GpModels = std::vector<GpModel>;

// The rows of a history that stand for all of it: the best half of `limit` and, of the rest, every so many. Ascending;
// at most `limit`. values: [n], larger is better.
std::vector<Eigen::Index> RepresentativeRows(const Eigen::VectorXd& values, Eigen::Index limit);

// How the models are fitted anew.
struct ModelEffort {
  const GpModels* before = nullptr;  // where fits begin, each at the model of its kind; borrowed
  bool fixed_starts = true;  // and also at fixed points, in case they were stuck; always where there is none before
  std::optional<double> threshold = std::nullopt;  // of the warp, as for FitWarp
  bool warp_inputs = false;  // tries the best model with an input warp, too, where there are values enough
};

// Fits several models to values (to be maximised) at features and puts that first which predicts the better half of
// them best when each is left out. Large histories are judged by representative rows, so that the time stays bounded.
// features: [n, F], n >= 2; values: [n], finite. nullopt if none could be fitted, or if cancelled.
std::optional<GpModels> ChooseGpModel(const Eigen::MatrixXd& features, const FeatureGroups& groups,
                                      const Eigen::VectorXd& values, const ModelEffort& effort,
                                      const std::function<bool()>& cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_MODEL_H_
