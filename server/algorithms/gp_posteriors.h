// The models of all of a study's metrics, given its trials.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIORS_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIORS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "absl/status/statusor.h"
#include "common/space/flatten.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/gp/posterior.h"
#include "server/algorithms/gp_rows.h"
#include "server/algorithms/gp_state.h"

namespace photinus {

// What one request leaves for the next: factors, which it then only has to bring up to date.
struct GpCache final : AlgorithmCache {
  size_t bytes() const override;

  std::vector<GpFactor> metrics;
  GpFactor feasibility;
};

// A model of labels, +1 where trials succeeded and -1 where they failed, about the threshold 0.
struct GpFeasibility {
  Posterior posterior;
  double least = 0;  // the probability of feasibility that a suggestion is to have
};

// Metrics are the objectives, then the slacks of the constraints; larger is better.
class GpPosteriors {
 public:
  // All are borrowed, and the cache serves nobody else meanwhile. Null: none of the trials that were modelled is left.
  // Internal: a covariance could not be factored.
  static absl::StatusOr<std::unique_ptr<GpPosteriors>> Make(const EncodedTrials& trials, const GpState& state,
                                                            GpCache& cache);

  // Counts a trial as being evaluated from now on.
  void AddPending(int64_t trial_id, const UnitPoint& unit);

  // By metric; they borrow, until the next AddPending. Trials being evaluated have their predicted values (kriging
  // believer).
  std::vector<Posterior> ByMetric() const;
  // None: nothing had failed, or none of the trials that were modelled is left. Every point counts as feasible.
  const std::optional<GpFeasibility>& feasibility() const { return feasibility_; }

  size_t objectives() const { return trials_.objectives().size(); }
  size_t metrics() const { return state_.metrics.size(); }
  const GpModel& model(size_t metric) const { return state_.metrics[metric].models.front(); }
  // Where the slack of a constraint changes its sign, in units of its model.
  double ThresholdOf(size_t metric) const;

  Eigen::Index size() const { return factors_.front()->size(); }  // rows of the posteriors
  const EncodedTrials& trials() const { return trials_; }
  // The n evaluated trials that are in the models: their rows of trials(), and those of the posteriors.
  const std::vector<size_t>& trial_rows() const { return trial_rows_; }
  const std::vector<Eigen::Index>& posterior_rows() const { return posterior_rows_; }
  const Eigen::MatrixXd& values() const { return values_; }          // [n, K + C], of their metrics
  const std::vector<bool>& satisfied() const { return satisfied_; }  // [n], whether they satisfy all constraints
  // Points of trials being evaluated.
  const std::vector<UnitPoint>& pending() const { return pending_; }

 private:
  GpPosteriors(const EncodedTrials& trials, const GpState& state, GpCache& cache);

  Eigen::VectorXd WithPending(size_t metric) const;

  const EncodedTrials& trials_;
  const GpState& state_;
  GpCache& cache_;
  const std::optional<GpFeasibility> feasibility_;
  std::vector<size_t> trial_rows_;
  std::vector<Eigen::Index> posterior_rows_;
  Eigen::MatrixXd values_;
  std::vector<bool> satisfied_;
  std::vector<UnitPoint> pending_;
  std::vector<const Factor*> factors_;  // by metric
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIORS_H_
