// Where to look while all trials of a search fail, or all but one.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIRST_SUCCESS_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIRST_SUCCESS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "Eigen/Core"
#include "common/base/random.h"
#include "server/algorithms/choice.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/gp/factor.h"
#include "server/algorithms/point_prior.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {

// A GP of labels, +1 where a trial succeeded and -1 where it failed, about the prior mean 0: nothing is known far from
// all trials. Its hyper-parameters are the centre of FitGp's priors, because labels that are all alike say nothing of
// them.
class FirstSuccess {
 public:
  // Of the latest finished trials, and those being evaluated; the trials are borrowed. Null: there are none, or the
  // covariance could not be factored.
  static std::unique_ptr<FirstSuccess> Make(const EncodedTrials& trials);

  // The point that most likely succeeds, given also the prior (may be null); nullopt if every point is excluded, or if
  // cancelled.
  std::optional<Choice> Propose(const VisitedPoints& excluded, const PointPrior* prior, Random& random,
                                const std::function<bool()>& cancelled) const;
  // Counts a trial as being evaluated from now on, with the label that the model expects.
  void AddPending(const UnitPoint& unit);

 private:
  FirstSuccess(const EncodedTrials& trials, Factor factor) : trials_(trials), factor_(std::move(factor)) {}

  const EncodedTrials& trials_;
  Factor factor_;
  Eigen::VectorXd labels_;            // of the factor's rows; those being evaluated are unknown
  std::vector<UnitPoint> succeeded_;  // around them candidates are drawn
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIRST_SUCCESS_H_
