#include "server/study/artifacts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "server/study/study_state.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

constexpr size_t kSha256Digits = 64;

bool IsLowerHex(char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); }

// A trial that was requeued still takes the files of its last holder: its result may come, too.
absl::Status CheckUploader(const TrialName& name, const TrialRow& trial, const std::optional<LeaseToken>& token) {
  if (IsFinished(trial.state) && HasNewestToken(trial, token)) return absl::OkStatus();
  if (WaitsForItsLastHolder(trial, token)) return absl::OkStatus();
  return CheckLease(name, trial, token);
}

absl::StatusOr<StudyRow> FindStudyOf(StudyStore& store, Snapshot& snapshot, const TrialName& name) {
  ASSIGN_OR_RETURN(StudyRow study, store.Find(snapshot, name.study));
  ASSIGN_OR_RETURN(const auto trial, snapshot.GetTrial(study.uid, name.id));
  if (!trial.has_value()) return NoSuchTrial(name);
  return study;
}

}  // namespace

absl::Status CheckArtifactHeader(std::string_view name, int64_t size, std::string_view sha256) {
  RETURN_IF_ERROR(ValidateArtifactName(name));
  if (size < 0 || size > kMaxArtifactBytes) {
    return FieldError("size", absl::StrCat("is ", size, "; must be 0 to ", kMaxArtifactBytes, " bytes"));
  }
  if (sha256.size() != kSha256Digits || !std::all_of(sha256.begin(), sha256.end(), &IsLowerHex)) {
    return FieldError("sha256", "must be 64 digits of lower-case hex");
  }
  return absl::OkStatus();
}

absl::Status CheckArtifactRoom(const TrialName& trial, const std::vector<ArtifactRow>& known,
                               const ArtifactRow& added) {
  int count = 1;
  int64_t bytes = added.size;
  for (const ArtifactRow& other : known) {
    if (other.name == added.name) continue;
    ++count;
    bytes += other.size;
  }
  if (count > kMaxArtifactsPerTrial) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_ARTIFACTS",
                 absl::StrCat(trial.ToString(), " has ", kMaxArtifactsPerTrial, " artifacts; pack several into one"));
  }
  if (bytes > kMaxArtifactBytesPerTrial) {
    return Error(absl::StatusCode::kResourceExhausted, "ARTIFACTS_TOO_LARGE",
                 absl::StrCat("the artifacts of ", trial.ToString(), " would take ", bytes, " bytes; at most ",
                              kMaxArtifactBytesPerTrial));
  }
  return absl::OkStatus();
}

absl::Status PutArtifact(StudyStore& store, const TrialName& name, const ArtifactRow& artifact, std::string_view bytes,
                         const std::optional<LeaseToken>& token) {
  RETURN_IF_ERROR(CheckArtifactHeader(artifact.name, artifact.size, artifact.sha256));
  if (static_cast<int64_t>(bytes.size()) != artifact.size) {
    return FieldError("size", absl::StrCat("is ", artifact.size, ", but ", bytes.size(), " bytes came"));
  }
  if (Sha256Hex(bytes) != artifact.sha256) return FieldError("sha256", "does not fit the bytes; send them again");
  return store.Edit(name.study, [&](StudyEdit& edit) -> absl::Status {
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(name.id));
    RETURN_IF_ERROR(CheckUploader(name, trial, token));
    ASSIGN_OR_RETURN(const auto known, edit.transaction().ListArtifacts(edit.study().uid, name.id));
    const bool repeated = std::any_of(known.begin(), known.end(), [&](const ArtifactRow& other) {
      return other.name == artifact.name && other.sha256 == artifact.sha256;
    });
    if (repeated) return absl::OkStatus();
    RETURN_IF_ERROR(CheckActive(name.study, edit.study()));
    RETURN_IF_ERROR(CheckArtifactRoom(name, known, artifact));
    ArtifactRow row = artifact;
    row.trial_id = name.id;
    RETURN_IF_ERROR(edit.transaction().PutArtifact(edit.study().uid, row, bytes));
    return edit.PutTrial(trial);
  });
}

absl::StatusOr<std::vector<ArtifactRow>> ListArtifacts(StudyStore& store, const TrialName& name) {
  std::vector<ArtifactRow> artifacts;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, FindStudyOf(store, snapshot, name));
    ASSIGN_OR_RETURN(artifacts, snapshot.ListArtifacts(study.uid, name.id));
    return absl::OkStatus();
  }));
  return artifacts;
}

absl::StatusOr<ArtifactRow> FindArtifact(StudyStore& store, const TrialName& name, std::string_view artifact) {
  ASSIGN_OR_RETURN(const auto artifacts, ListArtifacts(store, name));
  for (const ArtifactRow& row : artifacts) {
    if (row.name == artifact) return row;
  }
  return Error(absl::StatusCode::kNotFound, "ARTIFACT_NOT_FOUND",
               absl::StrCat(name.ToString(), " has no artifact ", Quoted(artifact)));
}

absl::StatusOr<std::string> ReadArtifact(StudyStore& store, const TrialName& name, std::string_view artifact,
                                         int64_t offset, int64_t length) {
  std::string bytes;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, FindStudyOf(store, snapshot, name));
    ASSIGN_OR_RETURN(bytes, snapshot.ReadArtifact(study.uid, name.id, artifact, offset, length));
    return absl::OkStatus();
  }));
  return bytes;
}

}  // namespace photinus
