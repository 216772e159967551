#ifndef PHOTINUS_TESTS_BENCHMARKS_TRAINING_MOMENT_H_
#define PHOTINUS_TESTS_BENCHMARKS_TRAINING_MOMENT_H_

#include <time.h>

namespace photinus {

// Seconds by the clock on the wall, and of all threads of this process on a core: other work on the machine lengthens
// the first alone.
struct Moment {
  double wall = 0;
  double cpu = 0;

  static Moment Now() { return {Read(CLOCK_MONOTONIC), Read(CLOCK_PROCESS_CPUTIME_ID)}; }
  friend Moment operator-(const Moment& a, const Moment& b) { return {a.wall - b.wall, a.cpu - b.cpu}; }
  friend Moment operator/(const Moment& a, double divisor) { return {a.wall / divisor, a.cpu / divisor}; }

 private:
  static double Read(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_TRAINING_MOMENT_H_
