#ifndef PHOTINUS_WORKER_PREDICTOR_FEATURES_H_
#define PHOTINUS_WORKER_PREDICTOR_FEATURES_H_

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/spaces/space.h"
#include "worker/base/result.h"

namespace photinus::predictor {

// One row per network, one column per feature.
using FeatureMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// A point of a space and what is counted of its network.
struct Network {
  spaces::ParameterValues parameters;
  std::int64_t flops = 0;
  std::int64_t size_bytes = 0;  // of the .tflite
};

// How a category becomes numbers: a column per category that holds 1 or 0, or one column with its position.
enum class Encoding { kOneHot, kOrdinal };

// Turns networks of one space into rows of numbers. Columns are the space's parameters in their order, then "flops" and
// "size_bytes". Parameters of type double are left out: none shapes a network. A parameter that is not active is 0 in
// all of its columns.
class Features {
 public:
  Features(const spaces::Space& space, Encoding encoding);

  // Names of the columns: "block3=mobilenet_v1" (one-hot) or "block3", "block3.filters", "flops", "size_bytes".
  const std::vector<std::string>& names() const { return names_; }

  // What the columns belong to, one name per column: the parameter, or "flops", "size_bytes".
  const std::vector<std::string>& sources() const { return sources_; }

  // The row of a network. Parameters that the space does not have are passed over. InvalidArgument: a parameter has a
  // category that the space does not know, or a value of the wrong type.
  Result<std::vector<float>> Row(const Network& network) const;

  // The rows of all.
  Result<FeatureMatrix> Matrix(const std::vector<Network>& networks) const;

 private:
  const spaces::Space space_;
  const Encoding encoding_;
  std::vector<std::string> names_;
  std::vector<std::string> sources_;
};

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_FEATURES_H_
