#include "server/algorithms/gp/feature_rows.h"

#include <cstddef>

namespace photinus {

Eigen::VectorXd FeaturesOf(const Flatten& flatten, const UnitPoint& unit) {
  Eigen::VectorXd features(flatten.feature_dimension());
  flatten.ToFeatures(unit, features.data());
  return features;
}

Eigen::MatrixXd FeatureRows(const Flatten& flatten, const std::vector<UnitPoint>& units) {
  Eigen::MatrixXd columns(flatten.feature_dimension(), static_cast<Eigen::Index>(units.size()));
  for (size_t i = 0; i < units.size(); ++i) {
    flatten.ToFeatures(units[i], columns.col(static_cast<Eigen::Index>(i)).data());
  }
  return columns.transpose();
}

}  // namespace photinus
