#include "worker/data/batch_loader.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace photinus::data {
namespace {

double SteadySeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

BatchLoader::BatchLoader(const DataSet& data, const Augmentation& augmentation, uint64_t seed, size_t batch_size,
                         int threads, int64_t first)
    : BatchLoader(data, augmentation, seed, batch_size, threads, first, &MakeBatch, &SteadySeconds) {}

BatchLoader::BatchLoader(const DataSet& data, const Augmentation& augmentation, uint64_t seed, size_t batch_size,
                         int threads, int64_t first, BatchMaker make, SecondsClock clock)
    : data_(data),
      batch_size_(batch_size),
      make_(std::move(make)),
      clock_(std::move(clock)),
      stream_(data, augmentation, seed) {
  for (int64_t i = 0; i < first; ++i) stream_.Next(batch_size_);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
}

Batch BatchLoader::Next() {
  if (threads_.empty()) {
    const double start = clock_();
    Batch batch = make_(data_, stream_.Next(batch_size_));
    waited_seconds_ += clock_() - start;
    return batch;
  }
  std::unique_lock lock(mutex_);
  std::optional<Made>& next = ready_[next_taken_ % kAhead];
  if (!next) {
    const double start = clock_();
    made_.wait(lock, [&] { return next.has_value(); });
    waited_seconds_ += clock_() - start;
  }
  if (next->fault) std::rethrow_exception(next->fault);
  Batch batch = std::move(next->batch);
  next.reset();
  ++next_taken_;
  taken_.notify_one();
  return batch;
}

void BatchLoader::AwaitAhead() {
  if (threads_.empty()) return;
  std::unique_lock lock(mutex_);
  made_.wait(lock, [this] { return std::ranges::all_of(ready_, &std::optional<Made>::has_value); });
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
    made_.notify_one();
  }
}

}  // namespace photinus::data
