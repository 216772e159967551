#ifndef PHOTINUS_WORKER_DATA_BATCH_LOADER_H_
#define PHOTINUS_WORKER_DATA_BATCH_LOADER_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "worker/data/batches.h"

namespace photinus::data {

// Makes the batches of a TrainingStream ahead of their use, in threads of its own, so that training need not wait for
// them. The batches are those of the stream in its order, whatever the number of threads. The data set must outlive it.
// One thread takes batches.
class BatchLoader {
 public:
  // threads: 0 makes each batch when it is asked for, in the thread that takes it. first: the number of the batch to
  // begin with; those before it are passed over.
  BatchLoader(const DataSet& data, const Augmentation& augmentation, uint64_t seed, size_t batch_size, int threads,
              int64_t first = 0);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  // Waits where the next batch is not made yet.
  Batch Next();

  // How long Next has taken in all, where it had to wait or to make the batch itself.
  double waited_seconds() const { return waited_seconds_; }

 private:
  void Work();

  const DataSet& data_;
  const size_t batch_size_;
  double waited_seconds_ = 0;  // of the thread that takes

  std::mutex mutex_;  // guards the rest
  std::condition_variable made_;
  std::condition_variable taken_;
  TrainingStream stream_;
  uint64_t next_drawn_ = 0;  // batches are counted from 0
  uint64_t next_taken_ = 0;
  std::map<uint64_t, Batch> ready_;
  bool over_ = false;

  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_BATCH_LOADER_H_
