// Points as models see them: the features of Flatten.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_FEATURE_ROWS_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_FEATURE_ROWS_H_

#include <vector>

#include "Eigen/Core"
#include "common/space/flatten.h"

namespace photinus {

// unit, units: snapped, or as ToUnit gives them.
Eigen::VectorXd FeaturesOf(const Flatten& flatten, const UnitPoint& unit);                 // [F]
Eigen::MatrixXd FeatureRows(const Flatten& flatten, const std::vector<UnitPoint>& units);  // [n, F]

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_FEATURE_ROWS_H_
