#include "worker/predictor/rows.h"

#include <numeric>
#include <utility>

#include "common/spaces/split_mix.h"

namespace photinus::predictor {

Rows Shuffled(int count, std::uint64_t seed) {
  Rows rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  spaces::SplitMix64 random(seed);
  for (int left = count; left > 1; --left) {
    std::swap(rows[static_cast<std::size_t>(left - 1)], rows[random.Below(static_cast<std::uint32_t>(left))]);
  }
  return rows;
}

FeatureMatrix Select(const FeatureMatrix& matrix, const Rows& rows) {
  FeatureMatrix selected(rows.size(), matrix.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) selected.row(static_cast<Eigen::Index>(i)) = matrix.row(rows[i]);
  return selected;
}

Eigen::VectorXd Select(const Eigen::VectorXd& vector, const Rows& rows) {
  Eigen::VectorXd selected(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) selected[static_cast<Eigen::Index>(i)] = vector[rows[i]];
  return selected;
}

}  // namespace photinus::predictor
