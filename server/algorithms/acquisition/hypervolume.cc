#include "server/algorithms/acquisition/hypervolume.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "boost/math/quadrature/gauss.hpp"

namespace photinus {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double kLeastWeight = 1e-6;  // of an objective in a direction
constexpr double kSure = 6;            // so many standard deviations below its mean an objective is sure to lie above
constexpr double kDrop = 12;           // nats; an integral ends where its integrand has lost so many
constexpr double kNegligible = 14;     // nats below the greatest of a sum

constexpr double kAlmostNothing = 0.01;  // of an objective's range
constexpr double kLeastFront = 0.1;      // the same
// How far the reference lies beyond the front's worst values, in extents of the front. Measured: the ends of a front of
// two objectives are worth a good deal, but more objectives have edges that would take most trials.
constexpr double kBeyondTwo = 2, kBeyondMore = 0.1;

using Rule = boost::math::quadrature::gauss<double, 10>;

// Of the integral over [0, 1].
struct Node {
  double at, weight;
};

const std::vector<Node>& Nodes() {
  static const auto& nodes = *[] {
    auto* made = new std::vector<Node>;
    for (size_t i = 0; i < Rule::abscissa().size(); ++i) {
      const double x = Rule::abscissa()[i], weight = Rule::weights()[i] / 2;
      made->push_back({(1 - x) / 2, weight});
      made->push_back({(1 + x) / 2, weight});
    }
    return made;
  }();
  return nodes;
}

// How far above z the upper tail of the normal distribution has lost kDrop nats, or a little more.
double DropLength(double z) {
  const double root = std::sqrt(z * z + 2 * kDrop);
  return z > 0 ? 2 * kDrop / (z + root) : root - z;
}

// What is expected of the objectives at one point, and how it is scalarised.
struct Expected {
  const VectorXd &reference, &direction, &mean, &stddev;

  Index objectives() const { return mean.size(); }
  double Power() const { return static_cast<double>(objectives() - 1); }
  // By how many standard deviations s_w = t lies above the mean of objective k.
  double Z(Index k, double t) const { return (reference[k] + direction[k] * t - mean[k]) / stddev[k]; }
  // s_w at which the integrand is as good as zero, if it begins at t.
  double End(double t) const {
    double length = INFINITY;
    for (Index k = 0; k < objectives(); ++k) {
      length = std::min(length, DropLength(Z(k, t)) * stddev[k] / direction[k]);
    }
    return t + length;
  }
};

// log of no less than the integral of t^(K-1) P(s_w > t) over t > best, even if standard deviations are less. With
// Q the normal distribution's upper tail, P(y > t) is at most Q(z) where z > 0 and 1 elsewhere, and its integral from z
// on is at most Q(z) Q(z) / phi(z), or -z + Q(0) / phi(0) where z <= 0. That of a product of decreasing functions is at
// most that of one of them times the others' first values.
double LogGainAtMost(const Expected& e, double best) {
  double first = 0, length = INFINITY;
  for (Index k = 0; k < e.objectives(); ++k) {
    const double z = e.Z(k, best);
    const LogPhi tail = LogNormalCdf(-std::max(z, 0.0));
    if (z > 0) first += tail.value;
    const double beyond = z > 0 ? 1 / tail.derivative : -z + 1 / tail.derivative;
    length = std::min(length, beyond * e.stddev[k] / e.direction[k]);
  }
  return first + std::log(length) + e.Power() * std::log(e.End(best));
}

// The integral of t^(K-1) P(s_w > t) over t > best, divided by exp(scale). Adds its derivatives, if wanted.
double Gain(const Expected& e, double best, double scale, VectorXd* by_mean, VectorXd* by_stddev) {
  double begin = best, gain = 0, sure = INFINITY;
  for (Index k = 0; k < e.objectives(); ++k) {
    sure = std::min(sure, (e.mean[k] - kSure * e.stddev[k] - e.reference[k]) / e.direction[k]);
  }
  if (sure > best) {
    begin = sure;
    const double power = e.Power() + 1;
    gain = (std::pow(sure, power) - std::pow(best, power)) / power * std::exp(-scale);
  }
  const double length = e.End(begin) - begin;
  VectorXd hazards(e.objectives());
  for (const Node& node : Nodes()) {
    const double t = begin + node.at * length;
    double log_share = std::log(node.weight * length) + e.Power() * std::log(t) - scale;
    for (Index k = 0; k < e.objectives(); ++k) {
      const LogPhi above = LogNormalCdf(-e.Z(k, t));
      log_share += above.value;
      hazards[k] = above.derivative;
    }
    const double share = std::exp(log_share);
    gain += share;
    if (by_mean == nullptr) continue;
    for (Index k = 0; k < e.objectives(); ++k) {
      const double slope = share * hazards[k] / e.stddev[k];
      (*by_mean)[k] += slope;
      (*by_stddev)[k] += slope * e.Z(k, t);
    }
  }
  return gain;
}

// Whether a row lacks almost nothing to another anywhere and gains in total. Values that are equal but for noise would
// else all count as ends of a front. shares: [K, n], in units of the objectives' ranges.
bool StandsAbove(const MatrixXd& shares, Index row, Index other) {
  double least = INFINITY, total = 0;
  for (Index k = 0; k < shares.rows(); ++k) {
    const double gain = shares(k, row) - shares(k, other);
    least = std::min(least, gain);
    total += gain;
  }
  return least >= -kAlmostNothing && total > 0;
}

}  // namespace

MatrixXd DrawDirections(int objectives, int count, Random& random) {
  MatrixXd directions(count, objectives);
  for (int m = 0; m < count; ++m) {
    for (int k = 0; k < objectives; ++k) directions(m, k) = std::max(std::abs(random.Normal()), kLeastWeight);
  }
  return directions.rowwise().normalized();
}

MatrixXd HypervolumeScalarisations::Apply(const MatrixXd& values) const {
  MatrixXd scalarised(values.rows(), directions.rows());
  for (Index m = 0; m < directions.rows(); ++m) {
    const Eigen::RowVectorXd direction = directions.row(m);
    scalarised.col(m) =
        ((values.rowwise() - reference.transpose()).array().rowwise() / direction.array()).rowwise().minCoeff();
  }
  return scalarised;
}

VectorXd ReferenceFor(const MatrixXd& values) {
  const VectorXd best = values.colwise().maxCoeff(), worst = values.colwise().minCoeff();
  // Values are standardised: less than a deviation is no range.
  const VectorXd range = (best - worst).cwiseMax(1);
  const MatrixXd shares = range.cwiseInverse().asDiagonal() * values.transpose();
  VectorXd nadir = best;
  for (Index i = 0; i < values.rows(); ++i) {
    Index other = 0;
    while (other < values.rows() && !StandsAbove(shares, other, i)) ++other;
    if (other == values.rows()) nadir = nadir.cwiseMin(values.row(i).transpose());
  }
  const VectorXd front = (best - nadir).cwiseMax(kLeastFront * range);
  return nadir - (values.cols() == 2 ? kBeyondTwo : kBeyondMore) * front;
}

VectorXd Standing(const MatrixXd& values, const HypervolumeScalarisations& scalarisations) {
  VectorXd standing = VectorXd::Constant(values.rows(), -INFINITY);
  for (const auto& direction : scalarisations.directions.rowwise()) {  // one by one, as there may be many values
    const VectorXd scalarised = HypervolumeScalarisations{scalarisations.reference, direction}.Apply(values);
    standing = standing.cwiseMax((scalarised.array() - scalarised.maxCoeff()).matrix());
  }
  return standing;
}

HypervolumeAcquisition::HypervolumeAcquisition(std::vector<const Posterior*> objectives,
                                               const HypervolumeScalarisations& scalarisations, const VectorXd& best)
    : objectives_(std::move(objectives)), reference_(scalarisations.reference), best_(best.cwiseMax(0)) {
  for (const auto& direction : scalarisations.directions.rowwise()) directions_.emplace_back(direction);
}

// The logarithm of the mean over directions; the derivatives, if wanted, are its own.
double HypervolumeAcquisition::LogMeanGain(const VectorXd& mean, const VectorXd& stddev, VectorXd* by_mean,
                                           VectorXd* by_stddev) const {
  const VectorXd most = LogGainsAtMost(mean, stddev);
  const double scale = most.maxCoeff();
  double gain = 0;
  for (size_t m = 0; m < directions_.size(); ++m) {
    const Index row = static_cast<Index>(m);
    if (most[row] < scale - kNegligible) continue;
    gain += Gain({reference_, directions_[m], mean, stddev}, best_[row], scale, by_mean, by_stddev);
  }
  if (by_mean != nullptr) {
    *by_mean /= gain;
    *by_stddev /= gain;
  }
  return std::log(gain) + scale - std::log(static_cast<double>(directions_.size()));
}

VectorXd HypervolumeAcquisition::LogGainsAtMost(const VectorXd& mean, const VectorXd& stddev) const {
  VectorXd most(best_.size());
  for (size_t m = 0; m < directions_.size(); ++m) {
    const Index row = static_cast<Index>(m);
    most[row] = LogGainAtMost({reference_, directions_[m], mean, stddev}, best_[row]);
  }
  return most;
}

VectorXd HypervolumeAcquisition::Score(const MatrixXd& features) const {
  MatrixXd means(objectives_.size(), features.rows()), stddevs = means;
  for (size_t k = 0; k < objectives_.size(); ++k) {
    const Posterior::Prediction p = objectives_[k]->Predict(features);
    means.row(static_cast<Index>(k)) = p.mean;
    stddevs.row(static_cast<Index>(k)) = p.variance.cwiseSqrt();
  }
  VectorXd scores(features.rows());
  for (Index i = 0; i < scores.size(); ++i) scores[i] = LogMeanGain(means.col(i), stddevs.col(i), nullptr, nullptr);
  return scores;
}

VectorXd HypervolumeAcquisition::Bound(const MatrixXd& features) const {
  MatrixXd means(objectives_.size(), features.rows()), stddevs = means;
  for (size_t k = 0; k < objectives_.size(); ++k) {
    const Posterior::Prediction p = objectives_[k]->Bound(features);
    means.row(static_cast<Index>(k)) = p.mean;
    stddevs.row(static_cast<Index>(k)) = p.variance.cwiseSqrt();
  }
  VectorXd bounds(features.rows());
  for (Index i = 0; i < bounds.size(); ++i) {
    const VectorXd most = LogGainsAtMost(means.col(i), stddevs.col(i));
    const double greatest = most.maxCoeff();
    bounds[i] = greatest + std::log((most.array() - greatest).exp().mean());
  }
  return bounds;
}

VectorXd HypervolumeAcquisition::ScoreWithGradient(const MatrixXd& features, MatrixXd& gradients) const {
  std::vector<Posterior::Gradient> predictions;
  for (const Posterior* objective : objectives_) predictions.push_back(objective->PredictWithGradient(features));
  const Index objectives = static_cast<Index>(objectives_.size());
  gradients.setZero(features.rows(), features.cols());
  VectorXd scores(features.rows()), mean(objectives), stddev(objectives);
  for (Index i = 0; i < scores.size(); ++i) {
    for (Index k = 0; k < objectives; ++k) {
      mean[k] = predictions[static_cast<size_t>(k)].mean[i];
      stddev[k] = std::sqrt(predictions[static_cast<size_t>(k)].variance[i]);
    }
    VectorXd by_mean = VectorXd::Zero(objectives), by_stddev = by_mean;
    scores[i] = LogMeanGain(mean, stddev, &by_mean, &by_stddev);
    for (Index k = 0; k < objectives; ++k) {
      const Posterior::Gradient& p = predictions[static_cast<size_t>(k)];
      gradients.row(i) += by_mean[k] * p.mean_gradient.row(i);
      gradients.row(i) += by_stddev[k] / (2 * stddev[k]) * p.variance_gradient.row(i);
    }
  }
  return scores;
}

}  // namespace photinus
