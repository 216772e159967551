#ifndef PHOTINUS_WORKER_BASE_PINNED_THREAD_H_
#define PHOTINUS_WORKER_BASE_PINNED_THREAD_H_

#include <sched.h>

#include "worker/base/result.h"

namespace photinus {

// Keeps the calling thread on one processor core while the object lives, which has to end in the same thread. Threads
// that are started meanwhile stay there too.
class PinnedThread {
 public:
  // On the highest-numbered core that this process may use: the low ones handle most interrupts. Unavailable: the
  // system refuses it.
  static Result<PinnedThread> Pin();

  ~PinnedThread();
  PinnedThread(PinnedThread&& other) noexcept;
  PinnedThread& operator=(PinnedThread&&) = delete;

  int core() const { return core_; }

 private:
  PinnedThread(int core, const cpu_set_t& before) : core_(core), before_(before) {}

  int core_;          // -1: moved away
  cpu_set_t before_;  // where the thread could run
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_PINNED_THREAD_H_
