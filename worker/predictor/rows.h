#ifndef PHOTINUS_WORKER_PREDICTOR_ROWS_H_
#define PHOTINUS_WORKER_PREDICTOR_ROWS_H_

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "worker/predictor/features.h"

namespace photinus::predictor {

// Numbers of rows.
using Rows = std::vector<int>;

// 0 .. count - 1 in an order that follows from the seed alone [Fisher-Yates].
Rows Shuffled(int count, std::uint64_t seed);

// Those rows of a matrix, or of a vector.
FeatureMatrix Select(const FeatureMatrix& matrix, const Rows& rows);
Eigen::VectorXd Select(const Eigen::VectorXd& vector, const Rows& rows);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_ROWS_H_
