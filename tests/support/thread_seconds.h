// CPU time of this thread, to which others' load adds nothing.
#ifndef PHOTINUS_TESTS_SUPPORT_THREAD_SECONDS_H_
#define PHOTINUS_TESTS_SUPPORT_THREAD_SECONDS_H_

#include <ctime>

namespace photinus {

inline double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_THREAD_SECONDS_H_
