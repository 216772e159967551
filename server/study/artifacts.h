// Files that belong to trials.
#ifndef PHOTINUS_SERVER_STUDY_ARTIFACTS_H_
#define PHOTINUS_SERVER_STUDY_ARTIFACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/artifact_limits.h"
#include "common/base/names.h"
#include "server/study/lease_token.h"
#include "server/study/study_store.h"

namespace photinus {

inline constexpr int kMaxArtifactsPerTrial = 64;
inline constexpr int64_t kMaxArtifactBytesPerTrial = 512 << 20;

// InvalidArgument unless ValidateArtifactName accepts `name`, the size is at most kMaxArtifactBytes, and the checksum
// 64 characters of lower-case hex.
absl::Status CheckArtifactHeader(std::string_view name, int64_t size, std::string_view sha256);

// ResourceExhausted if a trial that has `known` cannot have `added`, too, which takes the place of one with its name.
absl::Status CheckArtifactRoom(const TrialName& trial, const std::vector<ArtifactRow>& known, const ArtifactRow& added);

// Stores `bytes`, in place of an artifact of the same name. Trials of any state take them, from whoever holds the
// newest token or none. The same bytes again change nothing, whatever the study's state. NotFound. InvalidArgument: the
// header, or `bytes` do not fit it. FailedPrecondition: the study is not ACTIVE, LEASE_LOST. ResourceExhausted: too
// many, or too many bytes, of one trial.
absl::Status PutArtifact(StudyStore& store, const TrialName& name, const ArtifactRow& artifact, std::string_view bytes,
                         const std::optional<LeaseToken>& token);

// NotFound.
absl::StatusOr<std::vector<ArtifactRow>> ListArtifacts(StudyStore& store, const TrialName& name);
absl::StatusOr<ArtifactRow> FindArtifact(StudyStore& store, const TrialName& name, std::string_view artifact);
// Bytes offset..offset+length, fewer at the end.
absl::StatusOr<std::string> ReadArtifact(StudyStore& store, const TrialName& name, std::string_view artifact,
                                         int64_t offset, int64_t length);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_ARTIFACTS_H_
