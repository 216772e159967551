// What a model's predictions make a point worth.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_ACQUISITION_H_
#define PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_ACQUISITION_H_

#include <optional>

#include "Eigen/Core"
#include "server/algorithms/gp/posterior.h"

namespace photinus {

// A score of points of the feature space; larger is better. Thread-safe.
class Acquisition {
 public:
  virtual ~Acquisition() = default;
  // features: [q, F]; returns [q], finite.
  virtual Eigen::VectorXd Score(const Eigen::MatrixXd& features) const = 0;
  // No less than Score (but for rounding), for a fraction of the time.
  virtual Eigen::VectorXd Bound(const Eigen::MatrixXd& features) const = 0;
  // As Score; writes the gradients, [q, F].
  virtual Eigen::VectorXd ScoreWithGradient(const Eigen::MatrixXd& features, Eigen::MatrixXd& gradients) const = 0;
};

// log expected improvement of the objective over the incumbent; augmented, where the model finds noise.
class LogEiAcquisition final : public Acquisition {
 public:
  // The posterior is borrowed. incumbent: in its units.
  LogEiAcquisition(const Posterior& objective, double incumbent);
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd Bound(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd ScoreWithGradient(const Eigen::MatrixXd& features, Eigen::MatrixXd& gradients) const override;
  // Whether the model finds noise.
  bool noisy() const { return noise_ > 0; }

 private:
  const Posterior& objective_;
  double incumbent_;
  double noise_;  // variance
};

// Posterior standard deviation among points that may still be good, as Vizier's PE:
//   sd(x) + 10 min(mean(x) + 0.5 sd(x) - threshold, 0)
// For further members of a batch, where the greatest expected improvement lies next to a point that is being evaluated.
class PureExplorationAcquisition final : public Acquisition {
 public:
  // The posterior is borrowed. threshold: in its units, the mean of the incumbent.
  PureExplorationAcquisition(const Posterior& objective, double threshold)
      : objective_(objective), threshold_(threshold) {}
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd Bound(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd ScoreWithGradient(const Eigen::MatrixXd& features, Eigen::MatrixXd& gradients) const override;

 private:
  const Posterior& objective_;
  double threshold_;
};

// The same everywhere: with FeasibleAcquisition the probability of feasibility alone, while no point is feasible.
class IndifferentAcquisition final : public Acquisition {
 public:
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd Bound(const Eigen::MatrixXd& features) const override { return Score(features); }
  Eigen::VectorXd ScoreWithGradient(const Eigen::MatrixXd& features, Eigen::MatrixXd& gradients) const override;
};

// When a point counts as feasible: where a GP's value is at least `threshold`.
struct FeasibleWhere {
  double threshold = 0;       // in the GP's units
  double noise_variance = 0;  // of the value on top of the GP
  double least = 0;           // 0..1: where the probability is less, a steep penalty is added
};

// Another acquisition plus the log probability that a point is feasible: with log EI, the logarithm of constrained
// expected improvement [Gardner et al. 2014]. The penalty: log EI falls without bound in explored regions, and any
// chance of feasibility beyond a border that is known by labels alone would look better than them.
class FeasibleAcquisition final : public Acquisition {
 public:
  // Both are borrowed.
  FeasibleAcquisition(const Acquisition& inner, const Posterior& feasibility, const FeasibleWhere& where)
      : inner_(inner), feasibility_(feasibility), where_(where) {}
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd Bound(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd ScoreWithGradient(const Eigen::MatrixXd& features, Eigen::MatrixXd& gradients) const override;

  // [n], that a trial at each row of a model of labels, positive for feasible, is feasible.
  static Eigen::VectorXd ProbabilityAtRows(const Posterior& feasibility);

 private:
  const Acquisition& inner_;
  const Posterior& feasibility_;
  FeasibleWhere where_;
};

// log Phi(z) and its derivative, for every finite z.
struct LogPhi {
  double value = 0;
  double derivative = 0;
};
LogPhi LogNormalCdf(double z);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_ACQUISITION_H_
