// Trials and studies as clients see them, put together from their rows.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_VIEW_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_VIEW_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/storage/storage.h"
#include "server/study/study_problem.h"

namespace photinus {

// With its metadata.
absl::StatusOr<pb::Study> ViewStudy(Snapshot& snapshot, const StudyRow& study);

// Without; reads nothing.
pb::Study ViewStudyRow(const StudyRow& study);

// With the measurements of its current attempt, derived metrics and metadata, of which what the stopping rule decided
// (StopEntry) is the first.
absl::StatusOr<pb::Trial> ViewTrial(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                    const TrialRow& trial);

// What ViewLatest shows.
inline constexpr int64_t kLatestMeasurements = 100;
inline constexpr int64_t kMaxLatestMetadataBytes = 64 * 1024;

// As ViewTrial, but as cheap beside many measurements as beside few: with the latest kLatestMeasurements only (and so
// without derived metrics that need others), and with metadata of at most kMaxLatestMetadataBytes, or none.
absl::StatusOr<pb::Trial> ViewLatest(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                     const TrialRow& trial);

// Without measurements and metadata, and so without derived metrics; reads nothing.
pb::Trial ViewTrialRow(const StudyName& study, const TrialRow& trial);

// Leaves of a trial what says how it stands: no metadata, and of the measurements those that have a metric's latest
// value or the latest step.
void KeepLatest(pb::Trial& trial);

// As ViewTrial for many; `trials` by ascending id.
absl::StatusOr<std::vector<pb::Trial>> ViewTrials(Snapshot& snapshot, const StudyRow& study,
                                                  const StudyProblem& problem, std::vector<TrialRow> trials);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_VIEW_H_
