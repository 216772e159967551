// A fixed number of threads behind a bounded queue.
#ifndef PHOTINUS_SERVER_SCHEDULING_THREAD_POOL_H_
#define PHOTINUS_SERVER_SCHEDULING_THREAD_POOL_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"

namespace photinus {

// Thread-safe.
class ThreadPool {
 public:
  ThreadPool(int threads, size_t queue_limit);
  ~ThreadPool() { Stop(); }

  // False, and the task will not run, if the queue is full or the pool has stopped.
  bool Submit(std::function<void()> task);

  // Accepts nothing more, and runs in this thread what is queued, which finds `ending` and so has little to do.
  void EndWaiting();
  bool ending() const { return ending_; }

  // Accepts nothing more, runs what is queued, and joins the threads. Not from a task of this pool.
  void Stop();

 private:
  void Run();

  const size_t queue_limit_;
  std::atomic<bool> ending_ = false;

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;  // changed by the constructor and Stop only
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_THREAD_POOL_H_
