#include "server/study/read_options.h"

#include "absl/strings/cord.h"

namespace photinus {
namespace {

constexpr char kLongRead[] = "photinus/long_read";

}  // namespace

absl::Status ReadOptions::Check() const {
  if (cancelled == nullptr || !cancelled()) return absl::OkStatus();
  return absl::CancelledError("nobody waits for the answer any more");
}

absl::Status LongReadNeeded() {
  absl::Status status = absl::UnavailableError("a whole study has to be read; try again");
  status.SetPayload(kLongRead, absl::Cord());
  return status;
}

bool IsLongReadNeeded(const absl::Status& status) { return status.GetPayload(kLongRead).has_value(); }

}  // namespace photinus
