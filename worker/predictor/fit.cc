#include "worker/predictor/fit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "worker/graph/architectures.h"
#include "worker/predictor/linear_model.h"
#include "worker/predictor/rows.h"

namespace photinus::predictor {
namespace {

constexpr int kLeastNetworks = 100;  // for a model that is of use
constexpr double kTestShare = 0.1;   // of the networks, kept from training and tuning

// Rows to learn from, or to be judged by.
struct Part {
  FeatureMatrix features;
  Eigen::VectorXd energy;  // millijoules
};

struct Split {
  Part train, test;
};

Result<Split> SplitNetworks(const Measurements& measurements, const Features& features, const FitOptions& options) {
  const auto count = static_cast<int>(measurements.networks.size());
  const int test_count = static_cast<int>(std::lround(count * kTestShare));
  if (count >= kLeastNetworks && count - test_count < options.folds) {
    return InvalidArgument(std::to_string(options.folds) + " folds are more than the " +
                           std::to_string(count - test_count) + " networks that there are to train on");
  }
  if (test_count < 2 || count - test_count < options.folds) {
    return InvalidArgument(std::to_string(count) +
                           " measured networks are too few to fit a model; measure 100 or more");
  }
  std::vector<Network> networks;
  Eigen::VectorXd energy(count);
  for (int i = 0; i < count; ++i) {
    networks.push_back(measurements.networks[i].network);
    energy[i] = measurements.networks[i].MeanEnergy();
  }
  PHOTINUS_ASSIGN_OR_RETURN(const FeatureMatrix matrix, features.Matrix(networks));
  const Rows shuffled = Shuffled(count, options.seed);
  const Rows test(shuffled.begin(), shuffled.begin() + test_count),
      train(shuffled.begin() + test_count, shuffled.end());
  return Split{{Select(matrix, train), Select(energy, train)}, {Select(matrix, test), Select(energy, test)}};
}

// The grid with each entry's number of trees.
std::vector<ForestOptions> Grid(const FitOptions& options) {
  std::vector<ForestOptions> grid = options.grid.empty() ? DefaultGrid(options.seed) : options.grid;
  for (ForestOptions& entry : grid) entry.trees = options.trees;
  return grid;
}

// Growth of the mean squared error when the test networks exchange the values of these columns.
Result<double> PermutationImportance(const RandomForest& forest, const Part& test, const std::vector<int>& columns,
                                     double mean_squared_error, std::uint64_t seed) {
  const Rows exchanged = Shuffled(static_cast<int>(test.energy.size()), seed);
  FeatureMatrix features = test.features;
  for (std::size_t row = 0; row < exchanged.size(); ++row) {
    for (const int column : columns) {
      features(static_cast<Eigen::Index>(row), column) = test.features(exchanged[row], column);
    }
  }
  PHOTINUS_ASSIGN_OR_RETURN(const Eigen::VectorXd predictions, forest.Predict(features));
  const double error = (predictions - test.energy).squaredNorm() / static_cast<double>(test.energy.size());
  const double variance = (test.energy.array() - test.energy.mean()).square().mean();
  return variance > 0 ? (error - mean_squared_error) / variance : 0;
}

Result<std::vector<Importance>> ImportancesOf(const EnergyModel& model, const Part& test, double rmse,
                                              std::uint64_t seed) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<double> impurities, model.forest().Importances());
  std::map<std::string, std::vector<int>> columns_of;
  const std::vector<std::string>& sources = model.features().sources();
  for (int column = 0; column < static_cast<int>(sources.size()); ++column)
    columns_of[sources[column]].push_back(column);
  std::vector<Importance> importances;
  for (const auto& [source, columns] : columns_of) {
    Importance importance{.source = source};
    for (const int column : columns) importance.impurity += impurities[column];
    PHOTINUS_ASSIGN_OR_RETURN(importance.permutation,
                              PermutationImportance(model.forest(), test, columns, rmse * rmse, seed));
    importances.push_back(std::move(importance));
  }
  std::stable_sort(importances.begin(), importances.end(),
                   [](const Importance& a, const Importance& b) { return a.impurity > b.impurity; });
  return importances;
}

}  // namespace

Result<FittedModel> FitEnergyModel(const Measurements& measurements, const FitOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::Space* space, graph::NamedSpace(measurements.header.space));
  PHOTINUS_ASSIGN_OR_RETURN(const Split split,
                            SplitNetworks(measurements, Features(*space, options.encoding), options));

  FitResult result;
  result.train_networks = static_cast<int>(split.train.energy.size());
  result.noise = EnergyNoise(measurements.networks);
  PHOTINUS_ASSIGN_OR_RETURN(
      result.tuned,
      CrossValidate(
          split.train.features, split.train.energy,
          {.grid = Grid(options), .folds = options.folds, .threads = options.threads, .progress = options.progress}));
  result.chosen = std::min_element(result.tuned.begin(), result.tuned.end(), [](const auto& a, const auto& b) {
                    return a.rmse < b.rmse;
                  })->options;

  PHOTINUS_ASSIGN_OR_RETURN(RandomForest forest,
                            RandomForest::Train(split.train.features, split.train.energy, result.chosen));
  PHOTINUS_ASSIGN_OR_RETURN(const LinearModel linear, LinearModel::Train(split.train.features, split.train.energy));
  result.measured_mj = split.test.energy;
  PHOTINUS_ASSIGN_OR_RETURN(result.forest_mj, forest.Predict(split.test.features));
  PHOTINUS_ASSIGN_OR_RETURN(result.linear_mj, linear.Predict(split.test.features));
  result.forest = AccuracyOf(result.forest_mj, result.measured_mj);
  result.linear = AccuracyOf(result.linear_mj, result.measured_mj);

  const ModelOrigin origin = {measurements.header.space, measurements.header.meter, measurements.header.runner,
                              result.train_networks, result.forest.rmse};
  PHOTINUS_ASSIGN_OR_RETURN(EnergyModel model, EnergyModel::Of(origin, options.encoding, std::move(forest)));
  PHOTINUS_ASSIGN_OR_RETURN(result.importances, ImportancesOf(model, split.test, result.forest.rmse, options.seed));
  return FittedModel{std::move(model), std::move(result)};
}

}  // namespace photinus::predictor
