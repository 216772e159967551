#ifndef PHOTINUS_WORKER_PREDICTOR_RANDOM_FOREST_H_
#define PHOTINUS_WORKER_PREDICTOR_RANDOM_FOREST_H_

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "worker/base/result.h"
#include "worker/predictor/features.h"

namespace photinus::predictor {

struct ForestOptions {
  int trees = 100;
  int max_depth = 12;
  double feature_share = 0.5;  // of the features that a split may choose from, in (0, 1]
  double row_share = 0.632;    // of the rows that a tree sees, drawn without replacement, in (0, 1]
  int min_leaf = 2;            // rows in a leaf, at least
  std::uint32_t seed = 1;

  friend bool operator==(const ForestOptions&, const ForestOptions&) = default;
};

// A random forest for regression [Breiman 2001]: XGBoost with one round of parallel trees. Equal rows, options and seed
// give equal predictions, whatever runs beside it: each forest is trained and asked by one thread.
class RandomForest {
 public:
  // features: [rows, columns]; targets: [rows]. InvalidArgument: no rows, or options out of bounds. Internal: XGBoost
  // failed, with its words.
  static Result<RandomForest> Train(const FeatureMatrix& features, const Eigen::VectorXd& targets,
                                    const ForestOptions& options);

  // What Serialize wrote. InvalidArgument if it is no forest.
  static Result<RandomForest> Parse(const std::string& bytes, int columns);

  RandomForest(RandomForest&&) noexcept;
  RandomForest& operator=(RandomForest&&) noexcept;
  ~RandomForest();

  // [rows]. InvalidArgument: another number of columns than it was trained with.
  Result<Eigen::VectorXd> Predict(const FeatureMatrix& features) const;

  // Impurity importance: of each column the decrease of squared error over all splits on it, as shares that sum to 1.
  Result<std::vector<double>> Importances() const;

  Result<std::string> Serialize() const;

 private:
  struct Booster;

  RandomForest(std::unique_ptr<Booster> booster, int columns, double mean);

  std::unique_ptr<Booster> booster_;
  int columns_ = 0;
  double mean_ = 0;  // of the targets, which the trees learn the differences from
};

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_RANDOM_FOREST_H_
