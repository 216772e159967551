#include "server/study/trial_view.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/study_document/stop_entry.h"
#include "server/study/derived_metrics.h"
#include "server/study/timestamps.h"

namespace photinus {
namespace {

pb::Trial FromRow(const std::string& study_name, TrialRow row) {
  pb::Trial trial = std::move(row.body);
  trial.set_name(absl::StrCat(study_name, "/trials/", row.id));
  trial.set_id(absl::StrCat(row.id));
  trial.set_state(row.state);
  trial.set_client_id(row.client_id);
  return trial;
}

// What was decided about its attempt; of a trial that waits for the next one, nothing yet.
std::optional<pb::KeyValue> StopOf(const TrialRow& row) {
  return row.state == pb::Trial::REQUESTED ? std::nullopt : StopEntry(row.stop);
}

// Before what is stored of its metadata.
void AddStop(std::optional<pb::KeyValue> stop, pb::Trial& trial) {
  if (stop.has_value()) *trial.add_metadata() = *std::move(stop);
}

// Adds their measurements and metadata to trials of consecutive ids, the first of which is `first`.
absl::Status AddLists(Snapshot& snapshot, int64_t uid, int64_t first, absl::Span<pb::Trial> trials) {
  const int64_t last = first + static_cast<int64_t>(trials.size()) - 1;
  ASSIGN_OR_RETURN(auto measurements, snapshot.ListMeasurements(uid, first, last));
  for (MeasurementRow& row : measurements) *trials[row.trial_id - first].add_measurements() = std::move(row.body);
  ASSIGN_OR_RETURN(auto metadata, snapshot.ListMetadata(uid, first, last));
  for (MetadataRow& row : metadata) *trials[row.trial_id - first].add_metadata() = std::move(row.entry);
  return absl::OkStatus();
}

}  // namespace

pb::Study ViewStudyRow(const StudyRow& row) {
  pb::Study study;
  study.set_name(StudyName{row.owner, row.display_name}.ToString());
  study.set_display_name(row.display_name);
  study.set_state(row.state);
  study.set_inactive_reason(row.inactive_reason);
  *study.mutable_create_time() = ToTimestamp(row.created);
  *study.mutable_study_spec() = row.spec;
  return study;
}

absl::StatusOr<pb::Study> ViewStudy(Snapshot& snapshot, const StudyRow& row) {
  pb::Study study = ViewStudyRow(row);
  ASSIGN_OR_RETURN(auto metadata, snapshot.ListMetadata(row.uid, 0, 0));
  for (MetadataRow& entry : metadata) *study.mutable_study_spec()->add_metadata() = std::move(entry.entry);
  return study;
}

pb::Trial ViewTrialRow(const StudyName& study, const TrialRow& trial) { return FromRow(study.ToString(), trial); }

absl::StatusOr<pb::Trial> ViewTrial(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                    const TrialRow& trial) {
  ASSIGN_OR_RETURN(auto trials, ViewTrials(snapshot, study, problem, {trial}));
  return std::move(trials[0]);
}

absl::StatusOr<pb::Trial> ViewLatest(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                     const TrialRow& row) {
  pb::Trial trial = ViewTrialRow({study.owner, study.display_name}, row);
  AddStop(StopOf(row), trial);
  ASSIGN_OR_RETURN(auto latest, snapshot.LatestMeasurements(study.uid, row.id, row.attempt, kLatestMeasurements));
  for (auto measurement = latest.rbegin(); measurement != latest.rend(); ++measurement) {
    *trial.add_measurements() = std::move(measurement->body);
  }
  if (row.metadata_bytes > 0 && row.metadata_bytes <= kMaxLatestMetadataBytes) {
    ASSIGN_OR_RETURN(auto metadata, snapshot.ListMetadata(study.uid, row.id, row.id));
    for (MetadataRow& entry : metadata) *trial.add_metadata() = std::move(entry.entry);
  }
  AddDerivedMetrics(problem, trial);
  return trial;
}

void KeepLatest(pb::Trial& trial) {
  trial.clear_metadata();
  int64_t step = 0;
  for (const pb::Measurement& measurement : trial.measurements()) step = std::max(step, measurement.step_count());
  std::unordered_set<std::string> known;
  bool has_step = false;
  auto& all = *trial.mutable_measurements();
  int first = all.size();  // of those that stay, which gather at the end
  for (int i = all.size() - 1; i >= 0; --i) {
    bool stays = !has_step && all[i].step_count() == step;
    has_step = has_step || stays;
    for (const auto& metric : all[i].metrics()) stays = known.insert(metric.metric_id()).second || stays;
    if (stays) all.SwapElements(i, --first);
  }
  all.DeleteSubrange(0, first);
}

absl::StatusOr<std::vector<pb::Trial>> ViewTrials(Snapshot& snapshot, const StudyRow& study,
                                                  const StudyProblem& problem, std::vector<TrialRow> rows) {
  std::vector<pb::Trial> trials;
  if (rows.empty()) return trials;
  const std::string study_name = StudyName{study.owner, study.display_name}.ToString();
  trials.reserve(rows.size());
  // Trials in a row share their queries. Not those with others between them, which may be large.
  size_t begin = 0;
  int64_t first = rows.front().id;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t id = rows[i].id;
    const bool ends = i + 1 == rows.size() || rows[i + 1].id != id + 1;
    std::optional<pb::KeyValue> stop = StopOf(rows[i]);
    trials.push_back(FromRow(study_name, std::move(rows[i])));
    AddStop(std::move(stop), trials.back());
    if (!ends) continue;
    RETURN_IF_ERROR(AddLists(snapshot, study.uid, first, absl::MakeSpan(trials).subspan(begin)));
    begin = i + 1;
    if (begin < rows.size()) first = rows[begin].id;
  }
  for (pb::Trial& trial : trials) AddDerivedMetrics(problem, trial);
  return trials;
}

}  // namespace photinus
