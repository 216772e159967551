#include "worker/predictor/cross_validation.h"

#include <cmath>
#include <string>

#include "worker/predictor/rows.h"

namespace photinus::predictor {
namespace {

struct Fold {
  Rows train, test;
};

std::vector<Fold> Folds(int rows, int count, std::uint64_t seed) {
  const Rows shuffled = Shuffled(rows, seed);
  std::vector<Fold> folds(static_cast<std::size_t>(count));
  for (int i = 0; i < rows; ++i) {
    for (int fold = 0; fold < count; ++fold) {
      (i % count == fold ? folds[fold].test : folds[fold].train).push_back(shuffled[i]);
    }
  }
  return folds;
}

// The sum of squared errors of one forest on its fold's test rows.
Result<double> SquaredErrors(const FeatureMatrix& features, const Eigen::VectorXd& targets, const Fold& fold,
                             const ForestOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const RandomForest forest,
                            RandomForest::Train(Select(features, fold.train), Select(targets, fold.train), options));
  PHOTINUS_ASSIGN_OR_RETURN(const Eigen::VectorXd predictions, forest.Predict(Select(features, fold.test)));
  return (predictions - Select(targets, fold.test)).squaredNorm();
}

}  // namespace

std::vector<ForestOptions> DefaultGrid(std::uint32_t seed) {
  std::vector<ForestOptions> grid;
  for (const int depth : {8, 12, 16}) {
    for (const double share : {0.25, 0.4, 0.6}) {
      for (const int leaf : {3, 6}) {
        grid.push_back({.max_depth = depth, .feature_share = share, .min_leaf = leaf, .seed = seed});
      }
    }
  }
  return grid;
}

Result<std::vector<TunedForest>> CrossValidate(const FeatureMatrix& features, const Eigen::VectorXd& targets,
                                               const TuningOptions& options) {
  const auto rows = static_cast<int>(targets.size());
  if (options.grid.empty() || options.folds < 2 || rows < options.folds || features.rows() != rows) {
    return InvalidArgument("cross-validation needs options to try, 2 folds or more, and a row for each fold, not " +
                           std::to_string(rows) + " rows for " + std::to_string(options.folds) + " folds");
  }
  const std::vector<Fold> folds = Folds(rows, options.folds, options.grid.front().seed);
  std::vector<double> errors(options.grid.size() * folds.size());
  const WorkOptions work = {.threads = options.threads, .progress = options.progress};
  PHOTINUS_RETURN_IF_ERROR(ParallelFor(errors.size(), work, [&](int, std::size_t i) -> Result<void> {
    const std::size_t fold = i % folds.size(), entry = i / folds.size();
    PHOTINUS_ASSIGN_OR_RETURN(errors[i], SquaredErrors(features, targets, folds[fold], options.grid[entry]));
    return {};
  }));
  std::vector<TunedForest> tuned;
  for (std::size_t entry = 0; entry < options.grid.size(); ++entry) {
    double sum = 0;
    for (int fold = 0; fold < options.folds; ++fold) sum += errors[entry * options.folds + fold];
    tuned.push_back({options.grid[entry], std::sqrt(sum / rows)});
  }
  return tuned;
}

}  // namespace photinus::predictor
