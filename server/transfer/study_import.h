// Lines of JSON as a study.
#ifndef PHOTINUS_SERVER_TRANSFER_STUDY_IMPORT_H_
#define PHOTINUS_SERVER_TRANSFER_STUDY_IMPORT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "photinus/v1/study_record.pb.h"
#include "server/storage/storage.h"
#include "server/study/study_problem.h"
#include "server/study/study_store.h"
#include "server/transfer/staged_study.h"

namespace photinus {

// Holds one line and a few changes in memory, whatever the size of the study. Until Finish nobody sees the study, and
// destruction removes what is unfinished. Every fault of the text is InvalidArgument, a FieldError at "line N". Not
// thread-safe; borrows the store.
class StudyImport {
 public:
  // display_name: empty for the exported study's.
  StudyImport(StudyStore& store, OwnerName owner, std::string display_name)
      : store_(store), owner_(std::move(owner)), display_name_(std::move(display_name)), staged_(store) {}

  // The next bytes of the text. AlreadyExists: the owner has a study of this name.
  absl::Status Take(std::string_view text);

  struct Imported {
    StudyName name;
    int64_t uid = 0;
    int64_t trials = 0;
  };
  // After the last byte; makes the study visible.
  absl::StatusOr<Imported> Finish();

 private:
  absl::Status TakeLine(std::string_view line);
  absl::Status TakeRecord(v1::StudyRecord record);
  absl::Status TakeStudy(v1::StudyHeader header);
  absl::Status TakeTrial(v1::TrialRecord record);
  absl::Status TakeContinuation(v1::Continuation more);
  absl::Status TakeArtifact(const v1::ArtifactRecord& part);
  absl::Status TakeEnd(const v1::StudyEnd& end);

  // Once all of the study's own metadata has come.
  absl::Status BeginTrials();
  absl::Status AddMetadata(pb::KeyValue entry);
  absl::Status AddMeasurement(int32_t attempt, pb::Measurement measurement);
  absl::Status AddAttempt(v1::Attempt attempt);
  absl::Status AddExplanation(v1::Explanation explanation);
  // Once all that belongs to the last trial has come: its row says how much that is.
  absl::Status EndTrial();
  // Fails unless the last artifact has come in full.
  absl::Status CheckArtifactIsWhole() const;
  TrialName CurrentTrial() const { return {name_, trial_.id}; }

  StudyStore& store_;
  const OwnerName owner_;
  const std::string display_name_;
  StudyName name_;
  StagedStudy staged_;

  std::string rest_;  // of a line that has not ended yet
  int64_t line_ = 0;  // the last whole one

  std::optional<v1::StudyHeader> header_;
  std::optional<StudyProblem> problem_;  // set once trials may come
  bool ended_ = false;
  int64_t trials_ = 0;

  TrialRow trial_;                                // the last one; id 0: none yet
  int64_t metadata_bytes_ = 0;                    // of the study, or of the last trial
  std::map<int32_t, int64_t> measurements_;       // of the last trial: how many each attempt has
  std::map<int32_t, int64_t> measurement_bytes_;  // the same: what they take in a reply
  std::vector<ArtifactRow> artifacts_;            // of the last trial
  bool artifact_is_coming_ = false;               // the last of them
  std::string bytes_;                             // of it, so far
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_TRANSFER_STUDY_IMPORT_H_
