#include "server/scheduling/worker_table.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/worker_state.h"

namespace photinus {
namespace {

constexpr int64_t kMaxWorkers = 10'000;  // then the one unseen for longest is forgotten
constexpr int64_t kStoredAtOnce = 256;   // sightings: the writer serves everybody

}  // namespace

absl::Status WorkerTable::Seen(std::string_view name, std::string_view incarnation, int32_t slots,
                               std::string_view version) {
  Sighting sighting{std::string(incarnation), slots, std::string(version), clock_.Monotonic()};
  std::optional<WorkerRow> known;
  RETURN_IF_ERROR(storage_.Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(known, snapshot.FindWorker(name));
    return absl::OkStatus();
  }));
  const bool counts = known.has_value() && known->incarnation != kNoProcess &&
                      (incarnation.empty() || incarnation == known->incarnation);
  if (!counts) return Introduce(name, sighting);
  Note(known->name, std::move(sighting));
  return absl::OkStatus();
}

absl::Status WorkerTable::Introduce(std::string_view name, const Sighting& sighting) {
  return storage_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(auto known, transaction.FindWorker(name));
    WorkerRow worker = known.value_or(WorkerRow{});
    worker.name = std::string(name);
    RETURN_IF_ERROR(CheckIncarnation(worker, sighting.incarnation));
    const bool is_new = !sighting.incarnation.empty() && sighting.incarnation != worker.incarnation;
    if (is_new || worker.incarnation == kNoProcess) {
      Supersede(sighting.incarnation, worker);
    }
    ASSIGN_OR_RETURN(const absl::Time now, Now(transaction));
    Apply(sighting, now, worker);
    RETURN_IF_ERROR(transaction.PutWorker(worker));
    return known.has_value() ? absl::OkStatus() : transaction.ForgetWorkers(kMaxWorkers);
  });
}

absl::Status WorkerTable::Left(std::string_view name, std::string_view incarnation) {
  return storage_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(auto worker, transaction.FindWorker(name));
    if (!worker.has_value() || worker->incarnation != incarnation) return absl::OkStatus();
    Supersede(kNoProcess, *worker);
    ASSIGN_OR_RETURN(worker->seen, Now(transaction));
    return transaction.PutWorker(*worker);
  });
}

void WorkerTable::Note(const std::string& name, Sighting sighting) {
  const MutexLock lock(mutex_);
  Sighting& last = sightings_[name];
  if (sighting.slots == 0) sighting.slots = last.slots;
  if (sighting.version.empty()) sighting.version = last.version;
  sighting.at = std::max(sighting.at, last.at);
  last = std::move(sighting);
}

absl::StatusOr<absl::Time> WorkerTable::Now(Snapshot& snapshot) const {
  ASSIGN_OR_RETURN(const auto shared, snapshot.SharedTime());
  return shared.value_or(clock_.Now());
}

void WorkerTable::Apply(const Sighting& sighting, absl::Time now, WorkerRow& worker) const {
  if (sighting.slots > 0) worker.slots = sighting.slots;
  if (!sighting.version.empty()) worker.version = sighting.version;
  worker.seen = now - (clock_.Monotonic() - sighting.at);
}

absl::StatusOr<std::vector<WorkerInfo>> WorkerTable::List() {
  std::vector<WorkerRow> rows;
  absl::Time now;
  RETURN_IF_ERROR(storage_.Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(now, Now(snapshot));
    ASSIGN_OR_RETURN(rows, snapshot.ListWorkers());
    return absl::OkStatus();
  }));
  std::vector<WorkerInfo> workers;
  const MutexLock lock(mutex_);
  for (WorkerRow& row : rows) {
    const auto sighting = sightings_.find(row.name);
    if (sighting != sightings_.end()) Apply(sighting->second, now, row);
    // A time of day that was set back makes nobody alive.
    const bool alive = row.incarnation != kNoProcess && absl::AbsDuration(now - row.seen) <= ttl_;
    workers.push_back({std::move(row.name), row.slots, std::move(row.version), row.seen, alive});
  }
  return workers;
}

absl::Status WorkerTable::StoreSightings() {
  Sightings fresh;
  {
    const MutexLock lock(mutex_);
    fresh.swap(sightings_);
  }
  absl::Status status;
  auto first = fresh.cbegin();
  while (first != fresh.cend() && status.ok()) {
    const auto last = std::next(first, std::min<int64_t>(kStoredAtOnce, std::distance(first, fresh.cend())));
    status = Store(first, last);
    if (status.ok()) first = last;
  }
  for (; first != fresh.cend(); ++first) Note(first->first, first->second);
  return status;
}

absl::Status WorkerTable::Store(Sightings::const_iterator first, Sightings::const_iterator last) {
  return storage_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const absl::Time now, Now(transaction));
    for (auto sighting = first; sighting != last; ++sighting) {
      ASSIGN_OR_RETURN(auto worker, transaction.FindWorker(sighting->first));
      // Meanwhile it was superseded, or forgotten.
      const std::string& incarnation = sighting->second.incarnation;
      if (!worker.has_value() || (!incarnation.empty() && incarnation != worker->incarnation)) continue;
      Apply(sighting->second, now, *worker);
      RETURN_IF_ERROR(transaction.PutWorker(*worker));
    }
    return absl::OkStatus();
  });
}

}  // namespace photinus
