// CheckTrialEarlyStoppingState: service.md C28.
#ifndef PHOTINUS_SERVER_SCHEDULING_EARLY_STOPPING_H_
#define PHOTINUS_SERVER_SCHEDULING_EARLY_STOPPING_H_

#include <optional>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "server/scheduling/learning_curves.h"
#include "server/stopping/stopping_rule.h"
#include "server/study/lease_token.h"
#include "server/study/study_store.h"

namespace photinus {

// Thread-safe.
class EarlyStopping {
 public:
  explicit EarlyStopping(StudyStore& store) : store_(store) {}

  // Asks the study's rule about a running trial; without a rule the answer is no. A yes is for good: it is on disk, and
  // the trial is STOPPING, before this returns. NotFound. FailedPrecondition: the study is not ACTIVE, the trial does
  // not run, LEASE_LOST.
  absl::StatusOr<StoppingDecision> Check(const TrialName& name, const std::optional<LeaseToken>& token);

 private:
  absl::StatusOr<StoppingDecision> Decide(Snapshot& snapshot, const StudyRow& study,
                                          const std::shared_ptr<const StudyProblem>& problem, const TrialRow& trial);

  StudyStore& store_;
  LearningCurveCache curves_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_EARLY_STOPPING_H_
