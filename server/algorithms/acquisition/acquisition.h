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
  // At one point, [F]; writes the gradient, [F].
  virtual double ScoreWithGradient(const Eigen::VectorXd& features, Eigen::VectorXd& gradient) const = 0;
};

// log expected improvement of the objective over the incumbent.
class LogEiAcquisition final : public Acquisition {
 public:
  // The posterior is borrowed. incumbent: in its units.
  LogEiAcquisition(const Posterior& objective, double incumbent) : objective_(objective), incumbent_(incumbent) {}
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  double ScoreWithGradient(const Eigen::VectorXd& features, Eigen::VectorXd& gradient) const override;

 private:
  const Posterior& objective_;
  double incumbent_;
};

// Another log-scale acquisition plus the log probability that a point is feasible: the logarithm of their product, as
// in constrained expected improvement [Gardner et al. 2014]. Both are borrowed.
class FeasibleAcquisition final : public Acquisition {
 public:
  // feasibility: a GP of labels, positive for feasible.
  FeasibleAcquisition(const Acquisition& inner, const Posterior& feasibility)
      : inner_(inner), feasibility_(feasibility) {}
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  double ScoreWithGradient(const Eigen::VectorXd& features, Eigen::VectorXd& gradient) const override;

 private:
  const Acquisition& inner_;
  const Posterior& feasibility_;
};

// log Phi(z) and its derivative, for every finite z.
struct LogPhi {
  double value = 0;
  double derivative = 0;
};
LogPhi LogNormalCdf(double z);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_ACQUISITION_H_
