#ifndef PHOTINUS_WORKER_TRAIN_TORCH_FAULT_H_
#define PHOTINUS_WORKER_TRAIN_TORCH_FAULT_H_

#include <exception>

#include "worker/base/result.h"

namespace photinus::train {

// What an exception out of libtorch means. InvalidArgument ("out of memory: ..."): an allocator of libtorch or of C++
// refused, so the network is too large. Unavailable: any other complaint of CUDA, which is about the device, and what
// the system refused, such as a thread. Internal: the rest.
Error FaultOf(const std::exception& exception);

// Calls `body`, which returns a Result<T>; what it throws becomes an error.
template <typename T, typename Body>
Result<T> CatchFaults(Body&& body) {
  try {
    return body();
  } catch (const std::exception& exception) {
    return FaultOf(exception);
  }
}

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_TORCH_FAULT_H_
