#include "worker/data/batch_loader.h"

#include <chrono>
#include <utility>

namespace photinus::data {

BatchLoader::BatchLoader(const DataSet& data, const Augmentation& augmentation, uint64_t seed, size_t batch_size,
                         int threads, int64_t first, BatchMaker make)
    : data_(data), batch_size_(batch_size), make_(std::move(make)), stream_(data, augmentation, seed) {
  for (int64_t i = 0; i < first; ++i) stream_.Next(batch_size_);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
}

Batch BatchLoader::Next() {
  if (threads_.empty()) {
    const auto start = std::chrono::steady_clock::now();
    Batch batch = make_(data_, stream_.Next(batch_size_));
    waited_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return batch;
  }
  std::unique_lock lock(mutex_);
  std::optional<Made>& next = ready_[next_taken_ % kAhead];
  if (!next) {
    const auto start = std::chrono::steady_clock::now();
    made_.wait(lock, [&] { return next.has_value(); });
    waited_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  if (next->fault) std::rethrow_exception(next->fault);
  Batch batch = std::move(next->batch);
  next.reset();
  ++next_taken_;
  taken_.notify_one();
  return batch;
}

void BatchLoader::Work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    taken_.wait(lock, stop, [this] { return next_drawn_ < next_taken_ + kAhead; });
    if (stop.stop_requested()) return;
    const uint64_t number = next_drawn_++;
    Made made;
    try {
      const std::vector<Example> examples = stream_.Next(batch_size_);
      lock.unlock();
      made.batch = make_(data_, examples);
    } catch (...) {  // such as std::bad_alloc, which would end the process in a thread
      made.fault = std::current_exception();
    }
    if (!lock.owns_lock()) lock.lock();
    ready_[number % kAhead] = std::move(made);
    if (number == next_taken_) made_.notify_one();
  }
}

}  // namespace photinus::data
