// How much one request may write: its transaction has all others wait.
#ifndef PHOTINUS_SERVER_STUDY_ENTRY_COUNT_H_
#define PHOTINUS_SERVER_STUDY_ENTRY_COUNT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace photinus {

// Measurements of a new trial, metadata of a study or trial, changes of metadata: a tenth of a second.
inline constexpr int64_t kMaxEntriesPerRequest = 10'000;

// InvalidArgument, a FieldError at `field`: it has more.
absl::Status CheckEntryCount(std::string_view field, int64_t entries);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_ENTRY_COUNT_H_
