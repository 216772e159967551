#ifndef PHOTINUS_TESTS_BENCHMARKS_GUARDED_MAIN_H_
#define PHOTINUS_TESTS_BENCHMARKS_GUARDED_MAIN_H_

#include <cstdio>
#include <exception>

namespace photinus {

// What `body` returns; 1, with the message on stderr, for what it throws.
inline int GuardedMain(int (*body)(int argc, char** argv), int argc, char** argv) {
  try {
    return body(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_GUARDED_MAIN_H_
