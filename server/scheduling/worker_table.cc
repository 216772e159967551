#include "server/scheduling/worker_table.h"

namespace photinus {
namespace {

constexpr size_t kMaxWorkers = 10'000;  // then the one unseen for longest is forgotten

}  // namespace

void WorkerTable::Seen(std::string_view name, int32_t slots, std::string_view version) {
  const MutexLock lock(mutex_);
  if (workers_.size() >= kMaxWorkers && workers_.find(name) == workers_.end()) {
    auto oldest = workers_.begin();
    for (auto it = workers_.begin(); it != workers_.end(); ++it) {
      if (it->second.seen < oldest->second.seen) oldest = it;
    }
    workers_.erase(oldest);
  }
  Entry& entry = workers_[std::string(name)];
  entry.info.name = std::string(name);
  if (slots > 0) entry.info.slots = slots;
  if (!version.empty()) entry.info.version = std::string(version);
  entry.info.last_seen = clock_.Now();
  entry.seen = clock_.Monotonic();
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
