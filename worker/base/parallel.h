#ifndef PHOTINUS_WORKER_BASE_PARALLEL_H_
#define PHOTINUS_WORKER_BASE_PARALLEL_H_

#include <cstddef>
#include <functional>

#include "worker/base/result.h"

namespace photinus {

// Told how far work has come: parts done so far, of how many. Called by one thread at a time.
using ProgressFunction = std::function<void(size_t done, size_t total)>;

// Asked now and then whether to give up. Thread-safe; empty means never.
using StopFunction = std::function<bool()>;

// How work in many parts is done.
struct WorkOptions {
  int threads = 2;
  ProgressFunction progress;
  StopFunction stop;
};

// Calls body(thread, index) once for each index below `count`, spread over `options.threads` threads (thread:
// 0..threads-1, 0 is the caller's), or over as many as the system gives.
// Returns the error of the lowest index that failed; after a failure or a stop (Unavailable: "stopped") no new index
// begins. What a body, `progress` or `stop` throws is thrown by the call, once no thread runs.
Result<void> ParallelFor(size_t count, const WorkOptions& options,
                         const std::function<Result<void>(int thread, size_t index)>& body);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_PARALLEL_H_
