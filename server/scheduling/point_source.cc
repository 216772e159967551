#include "server/scheduling/point_source.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {

absl::Status TrialIdTaken() { return Error(absl::StatusCode::kAborted, kTrialIdTaken, "another trial was created"); }

absl::Status PointSource::CheckOnlyClientsAdded(StudyEdit& edit) const {
  if (edit.study().next_trial_id == inputs_.first_trial_id) return absl::OkStatus();
  TrialQuery query;
  query.after_id = inputs_.first_trial_id - 1;
  ASSIGN_OR_RETURN(const auto newer, edit.transaction().ListTrials(edit.study().uid, query));
  const bool created =
      std::all_of(newer.begin(), newer.end(), [](const auto& trial) { return trial.lease_epoch == 0; });
  return created ? absl::OkStatus() : TrialIdTaken();
}

}  // namespace photinus
