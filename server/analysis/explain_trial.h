// Why a trial was suggested, and stopped.
#ifndef PHOTINUS_SERVER_ANALYSIS_EXPLAIN_TRIAL_H_
#define PHOTINUS_SERVER_ANALYSIS_EXPLAIN_TRIAL_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "photinus/v1/explanation.pb.h"
#include "server/analysis/nearest_trials.h"
#include "server/study/study_store.h"

namespace photinus {

struct TrialExplanation {
  std::optional<v1::Explanation> explanation;   // with the names of the metrics; nullopt: none was kept
  std::string stop_reason;                      // of its present attempt; empty: nobody told it to stop
  std::vector<NearTrial> nearest;               // three at most
  std::shared_ptr<const StudyHistory> history;  // that has them
};

// NotFound. LongReadNeeded where `options` allow no long read: all earlier trials are looked at. Cancelled.
absl::StatusOr<TrialExplanation> ExplainTrial(StudyStore& store, const TrialName& name, const ReadOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ANALYSIS_EXPLAIN_TRIAL_H_
