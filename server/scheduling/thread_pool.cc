#include "server/scheduling/thread_pool.h"

#include <utility>

namespace photinus {

ThreadPool::ThreadPool(int threads, size_t queue_limit) : queue_limit_(queue_limit) {
  threads_.reserve(threads);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

bool ThreadPool::Submit(std::function<void()> task) {
  const MutexLock lock(mutex_);
  if (stopping_ || queue_.size() >= queue_limit_) return false;
  queue_.push_back(std::move(task));
  changed_.NotifyOne();
  return true;
}

void ThreadPool::EndWaiting() {
  ending_ = true;
  std::deque<std::function<void()>> waiting;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    waiting.swap(queue_);
    changed_.NotifyAll();
  }
  for (const std::function<void()>& task : waiting) task();
}

void ThreadPool::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ThreadPool::Run() {
  while (true) {
    std::function<void()> task;
    {
      const MutexLock lock(mutex_);
      while (!stopping_ && queue_.empty()) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace photinus
