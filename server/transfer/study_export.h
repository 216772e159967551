// A study as lines of JSON.
#ifndef PHOTINUS_SERVER_TRANSFER_STUDY_EXPORT_H_
#define PHOTINUS_SERVER_TRANSFER_STUDY_EXPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/sha256.h"
#include "photinus/v1/study_record.pb.h"
#include "server/storage/storage.h"
#include "server/study/study_store.h"
#include "server/study/trial_batch.h"

namespace photinus {

inline constexpr int kExportFormat = 1;

// Reads a few trials at a time, each as it is at that moment, so neither memory nor a long read grows with the study.
// An export of a study that nobody changes meanwhile is exact; the last line says if that was so. Not thread-safe;
// borrows the store.
class StudyExport {
 public:
  StudyExport(StudyStore& store, StudyName name, bool artifacts)
      : store_(store), name_(std::move(name)), artifacts_(artifacts) {}

  // The next lines, about a megabyte; empty after the last. NotFound. Aborted: the study or an artifact was replaced
  // meanwhile.
  absl::StatusOr<std::string> Next();

  int64_t written() const { return written_; }  // trials
  int64_t total() const { return total_; }      // trials that the study had at first
  bool changed() const { return changed_; }     // meanwhile; known at the end

 private:
  enum class Stage { kHeader, kTrials, kOver };

  absl::Status AddHeader(std::string& text);
  // The lines of the next trial, or the end.
  absl::Status AddTrialOrEnd(std::string& text);
  absl::Status AddArtifactPart(std::string& text);
  absl::Status AddEnd(std::string& text);
  absl::Status ReadTrials();
  // The study as it is now. Aborted: it is not the one that the export began with.
  absl::StatusOr<StudyRow> SameStudy(Snapshot& snapshot);

  StudyStore& store_;
  const StudyName name_;
  const bool artifacts_;

  Stage stage_ = Stage::kHeader;
  int64_t uid_ = 0;
  int64_t version_ = 0;        // of the study at first
  int64_t next_trial_id_ = 0;  // at first; later trials are left out
  int64_t total_ = 0;
  bool changed_ = false;
  int64_t written_ = 0;

  std::vector<v1::TrialRecord> trials_;  // read, from next_ on not written
  size_t next_ = 0;
  std::optional<TrialBatches> batches_;  // once the header is written

  std::vector<ArtifactRow> waiting_;  // artifacts of the last trial, the next at the back
  int64_t sent_ = 0;                  // bytes of waiting_.back()
  Sha256 sha256_;                     // of those bytes
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_TRANSFER_STUDY_EXPORT_H_
