#include "server/algorithms/gp/input_warp.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kNearEnd = 1e-5;

// Of one column with its a and b: what all derivatives are made of.
struct Column {
  ArrayXd inside;               // 1 within the range, else 0
  ArrayXd log_x, power;         // log x, x^a
  ArrayXd log_rest, rest_by_b;  // log(1 - x^a), (1 - x^a)^b

  Column(const ArrayXd& x, double a, double b)
      : inside((x > 0 && x < 1).cast<double>()),
        log_x(x.max(kNearEnd).min(1 - kNearEnd).log()),
        power((a * log_x).exp()),
        log_rest((1 - power).log()),
        rest_by_b((b * log_rest).exp()) {}
};

}  // namespace

bool IsWarped(const Flatten::FeatureGroup& group) { return !group.categorical && !group.activity && group.size == 1; }

bool InputWarp::operator==(const InputWarp& other) const {
  return a.size() == other.a.size() && b.size() == other.b.size() && a == other.a && b == other.b;
}

MatrixXd InputWarp::Apply(const std::vector<Flatten::FeatureGroup>& groups, const MatrixXd& features) const {
  MatrixXd warped = features;
  if (is_identity()) return warped;
  for (size_t g = 0; g < groups.size(); ++g) {
    const Index i = static_cast<Index>(g);
    if (!IsWarped(groups[g]) || (a[i] == 1 && b[i] == 1)) continue;
    const ArrayXd x = features.col(groups[g].first).array();
    const ArrayXd power = (a[i] * x.max(0).log()).exp();
    const ArrayXd w = 1 - (b[i] * (1 - power.min(1)).log()).exp();
    warped.col(groups[g].first) = (x > 0 && x < 1).select(w, x);
  }
  return warped;
}

MatrixXd InputWarp::Slope(const std::vector<Flatten::FeatureGroup>& groups, const MatrixXd& features) const {
  MatrixXd slope = MatrixXd::Ones(features.rows(), features.cols());
  if (is_identity()) return slope;
  for (size_t g = 0; g < groups.size(); ++g) {
    const Index i = static_cast<Index>(g);
    if (!IsWarped(groups[g]) || (a[i] == 1 && b[i] == 1)) continue;
    const Column c(features.col(groups[g].first).array(), a[i], b[i]);
    slope.col(groups[g].first) = a[i] * b[i] * (c.power.log() - c.log_x + c.log_rest * (b[i] - 1)).exp();
  }
  return slope;
}

VectorXd InputWarp::ByLogParameters(const std::vector<Flatten::FeatureGroup>& groups, const MatrixXd& features,
                                    const MatrixXd& by_warped) const {
  const Index count = static_cast<Index>(groups.size());
  VectorXd gradient = VectorXd::Zero(2 * count);
  for (Index g = 0; g < count; ++g) {
    const Flatten::FeatureGroup& group = groups[static_cast<size_t>(g)];
    if (!IsWarped(group)) continue;
    const Column c(features.col(group.first).array(), a[g], b[g]);
    const ArrayXd by_w = by_warped.col(group.first).array() * c.inside;
    gradient[g] = (by_w * a[g] * b[g] * c.rest_by_b / (1 - c.power) * c.power * c.log_x).sum();
    gradient[count + g] = -(by_w * b[g] * c.rest_by_b * c.log_rest).sum();
  }
  return gradient;
}

}  // namespace photinus
