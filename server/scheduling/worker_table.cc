#include "server/scheduling/worker_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr size_t kMaxWorkers = 10'000;  // then the one unseen for longest is forgotten
constexpr size_t kMaxSuperseded = 16;   // of one name

bool Contains(const std::deque<std::string>& incarnations, std::string_view incarnation) {
  return std::find(incarnations.begin(), incarnations.end(), incarnation) != incarnations.end();
}

absl::Status Superseded(std::string_view name) {
  return Error(absl::StatusCode::kFailedPrecondition, "WORKER_SUPERSEDED",
               absl::StrCat("another daemon runs under the name '", absl::string_view(name.data(), name.size()),
                            "'; give this one another --name"));
}

}  // namespace

absl::Status WorkerTable::Seen(std::string_view name, std::string_view incarnation, int32_t slots,
                               std::string_view version) {
  const MutexLock lock(mutex_);
  if (workers_.size() >= kMaxWorkers && workers_.find(name) == workers_.end()) {
    auto oldest = workers_.begin();
    for (auto it = workers_.begin(); it != workers_.end(); ++it) {
      if (it->second.seen < oldest->second.seen) oldest = it;
    }
    workers_.erase(oldest);
  }
  Entry& entry = workers_[std::string(name)];
  if (Contains(entry.superseded, incarnation)) return Superseded(name);
  if (!incarnation.empty() && incarnation != entry.incarnation) {
    if (!entry.incarnation.empty()) entry.superseded.push_front(entry.incarnation);
    if (entry.superseded.size() > kMaxSuperseded) entry.superseded.pop_back();
    entry.incarnation = std::string(incarnation);
  }
  entry.info.name = std::string(name);
  if (slots > 0) entry.info.slots = slots;
  if (!version.empty()) entry.info.version = std::string(version);
  entry.info.last_seen = clock_.Now();
  entry.seen = clock_.Monotonic();
  return absl::OkStatus();
}

bool WorkerTable::IsSuperseded(std::string_view name, std::string_view incarnation) {
  const MutexLock lock(mutex_);
  const auto known = workers_.find(name);
  return known != workers_.end() && Contains(known->second.superseded, incarnation);
}

std::vector<WorkerInfo> WorkerTable::List() {
  const absl::Duration now = clock_.Monotonic();
  const MutexLock lock(mutex_);
  std::vector<WorkerInfo> workers;
  for (const auto& [name, entry] : workers_) {
    workers.push_back(entry.info);
    workers.back().alive = now - entry.seen <= ttl_;
  }
  return workers;
}

}  // namespace photinus
