#include "server/analysis/explain_trial.h"

#include <utility>

#include "common/base/status_macros.h"
#include "server/study/named_predictions.h"

namespace photinus {
namespace {

constexpr size_t kNearest = 3;

}  // namespace

absl::StatusOr<TrialExplanation> ExplainTrial(StudyStore& store, const TrialName& name, const ReadOptions& options) {
  if (!options.may_be_long) return LongReadNeeded();
  TrialExplanation result;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name.study));
    ASSIGN_OR_RETURN(const auto trial, snapshot.GetTrial(study.uid, name.id));
    if (!trial.has_value()) return NoSuchTrial(name);
    result.stop_reason = trial->state == pb::Trial::REQUESTED ? "" : trial->stop_reason;
    ASSIGN_OR_RETURN(auto explanations, snapshot.ListExplanations(study.uid, name.id, name.id));
    result.explanation.reset();
    if (!explanations.empty()) result.explanation = std::move(explanations.front().body);
    ASSIGN_OR_RETURN(result.history, store.cache().History(snapshot, study, read));
    return absl::OkStatus();
  }));
  if (result.explanation.has_value()) NamePredictions(result.history->problem(), *result.explanation);
  ASSIGN_OR_RETURN(result.nearest, NearestEarlierTrials(*result.history, name.id, kNearest, options));
  return result;
}

}  // namespace photinus
