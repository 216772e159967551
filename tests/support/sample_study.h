// A study with something of everything that storage keeps, and all of a study as text.
#ifndef PHOTINUS_TESTS_SUPPORT_SAMPLE_STUDY_H_
#define PHOTINUS_TESTS_SUPPORT_SAMPLE_STUDY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/storage/storage.h"

namespace photinus {

// owners/ada/studies/kws with trials 1, 2, 4 and 5, and a setting "key"; returns its uid. Without the unknown field,
// JSON can say its spec.
absl::StatusOr<int64_t> PutSampleStudy(Transaction& transaction, bool with_unknown_field = true);

// Stores `bytes` with their checksum.
absl::Status PutArtifact(Transaction& transaction, int64_t uid, int64_t trial, const std::string& name,
                         const std::string& bytes);

// All that storage has of a study but its uid, owner and name, and its operations: equal texts, equal studies.
absl::StatusOr<std::string> DescribeStudy(Snapshot& snapshot, int64_t uid);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_SAMPLE_STUDY_H_
