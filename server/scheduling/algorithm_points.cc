#include "server/scheduling/algorithm_points.h"

#include <utility>

#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr int kStrictAttempts = 4;  // after which trials that clients created are no reason any more

}  // namespace

absl::Status AlgorithmPoints::Compute(const std::function<bool()>&, const std::function<bool()>& unwanted) {
  if (!UsesHistory()) return ComputeWithoutHistory(unwanted);
  const auto memory = memories_.At(inputs_.study_uid);
  ASSIGN_OR_RETURN(points_, memory->Suggest(*algorithm_, inputs_, unwanted));
  memories_.Weigh(inputs_.study_uid, *memory);
  return absl::OkStatus();
}

absl::Status AlgorithmPoints::ComputeWithoutHistory(const std::function<bool()>& cancelled) {
  ASSIGN_OR_RETURN(points_, SuggestPoints(*algorithm_, inputs_, {}, cancelled));
  return absl::OkStatus();
}

absl::Status AlgorithmPoints::FitToNextId(StudyEdit& edit, int attempt) {
  const int64_t next = edit.study().next_trial_id;
  if (inputs_.first_trial_id == next) return absl::OkStatus();
  if (UsesHistory()) return attempt <= kStrictAttempts ? TrialIdTaken() : CheckOnlyClientsAdded(edit);
  inputs_.first_trial_id = next;
  ASSIGN_OR_RETURN(auto state, edit.transaction().GetAlgorithmState(edit.study().uid, inputs_.problem->algorithm));
  inputs_.state = std::move(state).value_or("");
  return ComputeWithoutHistory(nullptr);
}

absl::Status AlgorithmPoints::Keep(StudyEdit& edit, size_t) const {
  const bool is_of_old_problem = edit.study().problem_version > inputs_.version;
  if (points_.state == inputs_.state || is_of_old_problem) return absl::OkStatus();
  return edit.transaction().PutAlgorithmState(edit.study().uid, inputs_.problem->algorithm, points_.state);
}

}  // namespace photinus
