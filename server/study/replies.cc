#include "server/study/replies.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/functional/function_ref.h"
#include "common/base/status_macros.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

// Whether the row alone is the whole trial; a result may have derived metrics besides.
bool IsWhole(const TrialRow& row) {
  return row.measurement_bytes == 0 && row.metadata_bytes == 0 && !row.body.has_final_measurement() &&
         row.stop.outcome() == v1::StopDecision::OUTCOME_UNSPECIFIED;
}

// Whether `read` could do its part, on the study as it is now.
bool ReadStudy(StudyStore& store, int64_t uid, absl::FunctionRef<absl::Status(Snapshot&, const StudyRow&)> read) {
  bool found = false;
  const absl::Status status = store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const auto study, snapshot.GetStudy(uid));
    found = study.has_value();
    return found ? read(snapshot, *study) : absl::OkStatus();
  });
  return status.ok() && found;
}

}  // namespace

pb::Study ReplyStudy(StudyStore& store, const StudyRow& row) {
  pb::Study reply;
  const auto read = [&](Snapshot& snapshot, const StudyRow&) -> absl::Status {
    ASSIGN_OR_RETURN(reply, ViewStudy(snapshot, row));
    return absl::OkStatus();
  };
  return ReadStudy(store, row.uid, read) ? reply : ViewStudyRow(row);
}

std::vector<pb::Trial> ReplyTrials(StudyStore& store, const StudyName& name, const std::vector<TrialRow>& rows) {
  std::vector<pb::Trial> reply;
  const auto read = [&](Snapshot& snapshot, const StudyRow& study) -> absl::Status {
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(reply, ViewTrials(snapshot, study, *problem, rows));
    return absl::OkStatus();
  };
  const bool whole = std::all_of(rows.begin(), rows.end(), &IsWhole);
  if (!whole && ReadStudy(store, rows.front().study_uid, read)) return reply;
  reply.clear();
  for (const TrialRow& row : rows) reply.push_back(ViewTrialRow(name, row));
  return reply;
}

pb::Trial ReplyTrial(StudyStore& store, const StudyName& name, const TrialRow& row) {
  return std::move(ReplyTrials(store, name, {row})[0]);
}

pb::Trial ReplyLatest(StudyStore& store, const StudyName& name, const TrialRow& row) {
  pb::Trial reply;
  const auto read = [&](Snapshot& snapshot, const StudyRow& study) -> absl::Status {
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(reply, ViewLatest(snapshot, study, *problem, row));
    return absl::OkStatus();
  };
  return ReadStudy(store, row.study_uid, read) ? reply : ViewTrialRow(name, row);
}

}  // namespace photinus
