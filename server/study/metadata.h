// Metadata of studies and trials.
#ifndef PHOTINUS_SERVER_STUDY_METADATA_H_
#define PHOTINUS_SERVER_STUDY_METADATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/study/study_store.h"

namespace photinus {

// Of a trial, and of a study: small enough that each can still be read in one message.
inline constexpr int64_t kMaxMetadataBytes = 32 << 20;
inline constexpr int64_t kMaxMetadataEntries = 10'000;

inline constexpr size_t kMaxMetadataValueBytes = 10 << 20;
inline constexpr size_t kMaxMetadataKeyBytes = 4096;  // also of a namespace

// InvalidArgument, a FieldError at "ns", "key" or "value": it is too long.
absl::Status CheckMetadataEntry(const pb::KeyValue& entry);

// The same for all entries of a new study or trial, "metadata[2].value", and at "metadata": there are too many of them.
absl::Status CheckMetadata(const google::protobuf::RepeatedPtrField<pb::KeyValue>& metadata);

struct MetadataChange {
  std::optional<int64_t> trial_id;  // unset: the study's own
  pb::KeyValue entry;
};

// Sets all entries or none; the last of equal (trial, ns, key) wins. A trial that does not exist is no error status:
// the returned text tells about it, and nothing is applied (stock clients look for it there). Empty: applied.
// InvalidArgument: the study document would be invalid or the Pythia endpoint not allowed, there are more than
// kMaxEntriesPerRequest changes, or one is of a trial's stop entry, which is the server's. NotFound,
// FailedPrecondition: the study. ResourceExhausted: more than kMaxMetadataBytes or kMaxMetadataEntries for the study or
// a trial.
absl::StatusOr<std::string> UpdateMetadata(StudyStore& store, const StudyName& study,
                                           const std::vector<MetadataChange>& changes, const RequestId& request = {});

// Writes an entry of a trial (0: the study) with our namespace spelt as we keep it, so that none stands there twice.
absl::Status PutEntry(Transaction& transaction, int64_t study_uid, int64_t trial_id, pb::KeyValue entry);

// UpdateMetadata inside a transaction, for entries that were checked and are no part of the study's problem. A trial's
// stop entry is left out. NotFound: a trial. ResourceExhausted.
absl::Status PutMetadata(StudyEdit& edit, const std::vector<MetadataChange>& changes);
// For a trial that this transaction has put; brings its row up to date.
absl::Status PutMetadata(StudyEdit& edit, const google::protobuf::RepeatedPtrField<pb::KeyValue>& entries,
                         TrialRow& row);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_METADATA_H_
