#include "server/replica/database_outage.h"

#include <spdlog/spdlog.h>

#include <string>

namespace photinus {
namespace {

constexpr absl::Duration kBetweenLines = absl::Minutes(1);

std::string WholeSeconds(absl::Duration duration) {
  return absl::FormatDuration(absl::Ceil(duration, absl::Seconds(1)));
}

}  // namespace

void DatabaseOutage::Note(std::string_view reason) {
  const MutexLock lock(mutex_);
  const absl::Duration now = clock_.Monotonic();
  if (!begin_.has_value()) {
    begin_ = last_line_ = now;
    spdlog::error("the database is away: {}", reason);
  } else if (now - last_line_ >= kBetweenLines) {
    last_line_ = now;
    spdlog::error("the database has been away for {}: {}", WholeSeconds(now - *begin_), reason);
  }
}

void DatabaseOutage::End() {
  const MutexLock lock(mutex_);
  if (!begin_.has_value()) return;
  spdlog::info("the database is back after {}", WholeSeconds(clock_.Monotonic() - *begin_));
  begin_.reset();
}

}  // namespace photinus
