// What a point is worth that adds to a Pareto front.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_HYPERVOLUME_H_
#define PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_HYPERVOLUME_H_

#include <vector>

#include "Eigen/Core"
#include "common/base/random.h"
#include "server/algorithms/acquisition/acquisition.h"
#include "server/algorithms/gp/posterior.h"

namespace photinus {

// Scalarisations of K objectives, all to be maximised, along directions w:
//   s_w(y) = min_k (y_k - r_k) / w_k
// The hypervolume that points dominate above the reference r is the mean of max s_w^K over all directions of the
// positive part of the unit sphere, up to a factor [Golovin & Zhang 2020, lemma 5].
struct HypervolumeScalarisations {
  Eigen::VectorXd reference;   // [K]
  Eigen::MatrixXd directions;  // [M, K], of length 1, positive

  // [n, M], of values [n, K].
  Eigen::MatrixXd Apply(const Eigen::MatrixXd& values) const;
};

// `count` directions, uniform on the positive part of the unit sphere.
Eigen::MatrixXd DrawDirections(int objectives, int count, Random& random);

// A reference for what these values, [n, K], n >= 1, standardised, dominate: beyond the worst of their Pareto front.
// O(K n^2) at most.
Eigen::VectorXd ReferenceFor(const Eigen::MatrixXd& values);

// [n], of values [n, K]: minus what a row lacks to the best row of a scalarisation, of that where this is least. 0 for
// each row that is the best of one.
Eigen::VectorXd Standing(const Eigen::MatrixXd& values, const HypervolumeScalarisations& scalarisations);

// log of the expected gain of hypervolume, by Monte Carlo over directions:
//   log mean_w E[max(s_w(y)^K - best_w^K, 0)] / K
// for independent y_k. Each expectation is K times the integral of t^(K-1) P(s_w > t) over t > best_w.
class HypervolumeAcquisition final : public Acquisition {
 public:
  // The posteriors are borrowed, one for each objective. best: [M], the greatest of each scalarisation so far.
  HypervolumeAcquisition(std::vector<const Posterior*> objectives, const HypervolumeScalarisations& scalarisations,
                         const Eigen::VectorXd& best);
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd Bound(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd ScoreWithGradient(const Eigen::MatrixXd& features, Eigen::MatrixXd& gradients) const override;

 private:
  double LogMeanGain(const Eigen::VectorXd& mean, const Eigen::VectorXd& stddev, Eigen::VectorXd* by_mean,
                     Eigen::VectorXd* by_stddev) const;
  Eigen::VectorXd LogGainsAtMost(const Eigen::VectorXd& mean, const Eigen::VectorXd& stddev) const;

  const std::vector<const Posterior*> objectives_;
  const Eigen::VectorXd reference_;
  std::vector<Eigen::VectorXd> directions_;
  const Eigen::VectorXd best_;  // not negative
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_HYPERVOLUME_H_
