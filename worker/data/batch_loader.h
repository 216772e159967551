#ifndef PHOTINUS_WORKER_DATA_BATCH_LOADER_H_
#define PHOTINUS_WORKER_DATA_BATCH_LOADER_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "worker/data/batches.h"

namespace photinus::data {

// How a batch is made, as MakeBatch makes it. Thread-safe.
using BatchMaker = std::function<Batch(const DataSet& data, std::span<const Example> examples)>;

// Seconds since some moment, never fewer than before. Thread-safe.
using SecondsClock = std::function<double()>;

// Makes the batches of a TrainingStream ahead of their use, in threads of its own, so that training need not wait for
// them. The batches are those of the stream in its order, whatever the number of threads. The data set must outlive it.
// One thread takes batches.
class BatchLoader {
 public:
  static constexpr uint64_t kAhead = 8;  // batches that are made before they are asked for

  // threads: 0 makes each batch when it is asked for, in the thread that takes it. first: the number of the batch to
  // begin with; those before it are passed over. Throws std::system_error where the system refuses a thread.
  BatchLoader(const DataSet& data, const Augmentation& augmentation, uint64_t seed, size_t batch_size, int threads,
              int64_t first = 0);
  // The same with another way to make batches, or another clock to measure the waiting with.
  BatchLoader(const DataSet& data, const Augmentation& augmentation, uint64_t seed, size_t batch_size, int threads,
              int64_t first, BatchMaker make, SecondsClock clock);

  // Waits where the next batch is not made yet. Throws what its making threw in any thread, such as std::bad_alloc;
  // nothing may be taken after that.
  Batch Next();

  // Waits until the next kAhead batches are made; not without threads.
  void AwaitAhead();

  // How long Next has taken in all, where it had to wait or to make the batch itself.
  double waited_seconds() const { return waited_seconds_; }

 private:
  // A batch, or why there is none.
  struct Made {
    Batch batch;
    std::exception_ptr fault;
  };

  void Work(const std::stop_token& stop);

  const DataSet& data_;
  const size_t batch_size_;
  const BatchMaker make_;
  const SecondsClock clock_;
  double waited_seconds_ = 0;  // of the thread that takes

  std::mutex mutex_;  // guards the rest
  std::condition_variable made_;
  std::condition_variable_any taken_;
  TrainingStream stream_;
  uint64_t next_drawn_ = 0;  // batches are counted from 0
  uint64_t next_taken_ = 0;
  std::array<std::optional<Made>, kAhead> ready_;  // batch n at n % kAhead

  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_BATCH_LOADER_H_
