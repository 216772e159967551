#include "worker/base/pinned_thread.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace photinus {

Result<PinnedThread> PinnedThread::Pin() {
  cpu_set_t before;
  int core = CPU_SETSIZE - 1;
  if (::sched_getaffinity(0, sizeof(before), &before) == 0) {
    while (core > 0 && !CPU_ISSET(core, &before)) --core;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    if (::sched_setaffinity(0, sizeof(one), &one) == 0) return PinnedThread(core, before);
  }
  return Unavailable(std::string("cannot stay on one processor core: ") + std::strerror(errno));
}

PinnedThread::PinnedThread(PinnedThread&& other) noexcept
    : core_(std::exchange(other.core_, -1)), before_(other.before_) {}

PinnedThread::~PinnedThread() {
  if (core_ >= 0) ::sched_setaffinity(0, sizeof(before_), &before_);
}

}  // namespace photinus
