// CheckTrialEarlyStoppingState: service.md C28.
#ifndef PHOTINUS_SERVER_SCHEDULING_EARLY_STOPPING_H_
#define PHOTINUS_SERVER_SCHEDULING_EARLY_STOPPING_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/names.h"
#include "server/scheduling/learning_curves.h"
#include "server/scheduling/policy_endpoints.h"
#include "server/scheduling/stopping_models.h"
#include "server/stopping/stopping_rule.h"
#include "server/study/lease_token.h"
#include "server/study/study_store.h"

namespace photinus {

// How long a no is given again.
inline constexpr absl::Duration kDecisionLifetime = absl::Seconds(60);

// Thread-safe.
class EarlyStopping {
 public:
  // Borrowed. `learning`: as StoppingModels says. `endpoints`: null where no policy may run elsewhere.
  EarlyStopping(StudyStore& store, ThreadPool& learning, PolicyEndpoints* endpoints = nullptr)
      : store_(store), endpoints_(endpoints), models_(learning) {}

  // Rules learn no more.
  void Stop() { models_.Stop(); }

  // Where Check may have to wait for the study's policy; null: it will not. NotFound.
  absl::StatusOr<ThreadPool*> PoolFor(const StudyName& name);

  // Asks the study's rule about a running trial; without a rule its policy elsewhere, whose answer may stop other
  // trials too and is stored with its notes; without either the answer is no. A yes is for good: it is on disk, and
  // the trial is STOPPING, before this returns. A no is given again for kDecisionLifetime, unless the trial, the
  // incumbents, the study document or what the rule has learnt change; with it is kept that a trial is exempt, and what
  // was expected of it halfway. A rule that learns does so in the background, of the trials that are finished when it
  // is asked. NotFound. FailedPrecondition: the study is not ACTIVE, the trial does
  // not run, LEASE_LOST. Of a policy: what AskForDecisions says.
  absl::StatusOr<StoppingDecision> Check(const TrialName& name, const std::optional<LeaseToken>& token,
                                         const ReadOptions& options = {});

 private:
  // What a decision was made of.
  struct Occasion {
    int64_t trial_version = 0;  // its measurements
    int64_t problem_version = 0;
    size_t incumbents = 0;                     // a hash of their ids
    std::weak_ptr<const StoppingModel> model;  // kept by nobody but StoppingModels, which bounds their bytes

    friend bool operator==(const Occasion& a, const Occasion& b) {
      return a.trial_version == b.trial_version && a.problem_version == b.problem_version &&
             a.incumbents == b.incumbents && !a.model.owner_before(b.model) && !b.model.owner_before(a.model);
    }
  };
  struct KnownDecision {
    Occasion occasion;
    absl::Duration until;  // on the monotonic clock
    StoppingDecision decision;
  };
  struct Decided {
    StoppingDecision decision;
    std::optional<v1::StopDecision> to_keep;
  };

  absl::StatusOr<Decided> Decide(Snapshot& snapshot, const StudyName& name, const StudyRow& study,
                                 const StudyProblem& problem, const TrialRow& trial, const ReadOptions& options);
  absl::StatusOr<StoppingDecision> AskPolicy(const TrialName& name, const std::optional<LeaseToken>& token,
                                             const TrialRow& seen, const StudyProblem& problem,
                                             const pb::EarlyStopRequest& question, const ReadOptions& options);
  std::optional<StoppingDecision> Recall(const TrialRow& trial, const Occasion& occasion);
  void Remember(const TrialRow& trial, const Occasion& occasion, const StoppingDecision& decision);

  StudyStore& store_;
  PolicyEndpoints* const endpoints_;
  LearningCurveCache curves_;
  StoppingModels models_;

  Mutex mutex_;
  std::map<std::pair<int64_t, int64_t>, KnownDecision> known_ ABSL_GUARDED_BY(mutex_);  // by study uid and trial id
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_EARLY_STOPPING_H_
