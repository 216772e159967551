#include "worker/data/batch_loader.h"

#include <chrono>
#include <utility>

namespace photinus::data {
namespace {

constexpr uint64_t kAhead = 8;  // batches that are made before they are asked for

}  // namespace

BatchLoader::BatchLoader(const DataSet& data, const Augmentation& augmentation, uint64_t seed, size_t batch_size,
                         int threads, int64_t first)
    : data_(data), batch_size_(batch_size), stream_(data, augmentation, seed) {
  for (int64_t i = 0; i < first; ++i) stream_.Next(batch_size_);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

BatchLoader::~BatchLoader() {
  const std::lock_guard lock(mutex_);
  over_ = true;
  taken_.notify_all();
}

Batch BatchLoader::Next() {
  if (threads_.empty()) {
    const auto start = std::chrono::steady_clock::now();
    Batch batch = MakeBatch(data_, stream_.Next(batch_size_));
    waited_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return batch;
  }
  std::unique_lock lock(mutex_);
  auto found = ready_.find(next_taken_);
  if (found == ready_.end()) {
    const auto start = std::chrono::steady_clock::now();
    made_.wait(lock, [&] { return (found = ready_.find(next_taken_)) != ready_.end(); });
    waited_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  Batch batch = std::move(found->second);
  ready_.erase(found);
  ++next_taken_;
  taken_.notify_one();
  return batch;
}

void BatchLoader::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    taken_.wait(lock, [this] { return over_ || next_drawn_ < next_taken_ + kAhead; });
    if (over_) return;
    const std::vector<Example> examples = stream_.Next(batch_size_);
    const uint64_t number = next_drawn_++;
    lock.unlock();
    Batch batch = MakeBatch(data_, examples);
    lock.lock();
    ready_.emplace(number, std::move(batch));
    if (number == next_taken_) made_.notify_one();
  }
}

}  // namespace photinus::data
