// Monotone transforms of the features, so that a function that changes fast near one end of a range and slowly near the
// other looks alike everywhere: w(x) = 1 - (1 - x^a)^b  [Kumaraswamy 1980; Snoek et al. 2014].
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_INPUT_WARP_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_INPUT_WARP_H_

#include <vector>

#include "Eigen/Core"
#include "common/space/flatten.h"

namespace photinus {

// One warp for each number; categories and activity columns stay as they are. Beyond [0, 1] it is the identity.
struct InputWarp {
  Eigen::VectorXd a, b;  // [groups], positive, 1 where nothing is warped; both empty: the identity

  static InputWarp Ones(Eigen::Index groups) { return {Eigen::VectorXd::Ones(groups), Eigen::VectorXd::Ones(groups)}; }
  bool is_identity() const { return a.size() == 0; }
  bool operator==(const InputWarp& other) const;

  // features: [n, F]; returns [n, F].
  Eigen::MatrixXd Apply(const std::vector<Flatten::FeatureGroup>& groups, const Eigen::MatrixXd& features) const;
  // dw/dx, [n, F]. At the ends, where it may be infinite, it is that of a point near them.
  Eigen::MatrixXd Slope(const std::vector<Flatten::FeatureGroup>& groups, const Eigen::MatrixXd& features) const;
  // From derivatives by the warped features, [n, F], at these features to those by log a and log b, [2 groups].
  Eigen::VectorXd ByLogParameters(const std::vector<Flatten::FeatureGroup>& groups, const Eigen::MatrixXd& features,
                                  const Eigen::MatrixXd& by_warped) const;
};

// Whether a group of columns is one that is warped.
bool IsWarped(const Flatten::FeatureGroup& group);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_INPUT_WARP_H_
