#ifndef PHOTINUS_WORKER_PREDICTOR_CROSS_VALIDATION_H_
#define PHOTINUS_WORKER_PREDICTOR_CROSS_VALIDATION_H_

#include <Eigen/Core>
#include <vector>

#include "worker/base/parallel.h"
#include "worker/base/result.h"
#include "worker/predictor/random_forest.h"

namespace photinus::predictor {

// The error of forests of these options on rows that they were not trained on.
struct TunedForest {
  ForestOptions options;
  double rmse = 0;
};

struct TuningOptions {
  std::vector<ForestOptions> grid;
  int folds = 10;
  int threads = 1;
  ProgressFunction progress;  // after each forest
};

// The grid that `energy fit` tunes over: depth, share of features per split, rows per leaf.
std::vector<ForestOptions> DefaultGrid(std::uint32_t seed);

// k-fold cross-validation of each entry of the grid, on the same folds, drawn by the first entry's seed. Returns the
// grid in its order, each with the root of the mean squared error over all rows. The threads do not change the result.
// InvalidArgument: an empty grid, fewer than 2 folds, or fewer rows than folds.
Result<std::vector<TunedForest>> CrossValidate(const FeatureMatrix& features, const Eigen::VectorXd& targets,
                                               const TuningOptions& options);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_CROSS_VALIDATION_H_
