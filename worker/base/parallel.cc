#include "worker/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace photinus {

Result<void> ParallelFor(size_t count, const WorkOptions& options,
                         const std::function<Result<void>(int, size_t)>& body) {
  std::atomic<size_t> next = 0;
  std::atomic<bool> over = false;
  std::mutex mutex;  // guards the rest
  size_t done = 0;
  size_t failed_index = count;
  std::optional<Error> failure;
  std::exception_ptr thrown;

  const auto work = [&](int thread) {
    for (size_t index = next++; index < count && !over; index = next++) {
      const bool stopped = options.stop && options.stop();
      Result<void> result = stopped ? Result<void>(Unavailable("stopped")) : body(thread, index);
      const std::lock_guard lock(mutex);
      if (result.ok()) {
        ++done;
        if (options.progress) options.progress(done, count);
      } else if (index < failed_index) {
        failed_index = index;
        failure = result.error();
        over = true;
      }
    }
  };
  {
    const auto guarded_work = [&](int thread) {
      try {
        work(thread);
      } catch (...) {  // such as std::bad_alloc, which would end the process in a thread
        const std::lock_guard lock(mutex);
        thrown = std::current_exception();
        over = true;
      }
    };
    std::vector<std::jthread> pool;
    try {
      const auto threads = static_cast<int>(std::min(static_cast<size_t>(std::max(options.threads, 1)), count));
      for (int thread = 1; thread < threads; ++thread) pool.emplace_back(guarded_work, thread);
    } catch (const std::system_error&) {  // the system gives no more threads: go on with those that there are
    }
    guarded_work(0);
  }
  if (thrown) std::rethrow_exception(thrown);
  if (failure) return *failure;
  return {};
}

}  // namespace photinus
