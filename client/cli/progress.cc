#include "client/cli/progress.h"

#include "absl/strings/str_format.h"

namespace photinus {
namespace {

constexpr double kMegabyte = 1e6;

}  // namespace

void Progress::Update(absl::FunctionRef<std::string()> line) {
  const absl::Duration now = clock_.Monotonic();
  if (now - last_ < kProgressEvery) return;
  last_ = now;
  console_.Note(line());
}

std::string Megabytes(int64_t bytes) { return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / kMegabyte); }

std::string MegabytesOf(int64_t bytes, int64_t total) {
  const double share = total > 0 ? static_cast<double>(bytes) / static_cast<double>(total) : 1;
  return absl::StrFormat("%.1f of %s (%.0f %%)", static_cast<double>(bytes) / kMegabyte, Megabytes(total), 100 * share);
}

}  // namespace photinus
