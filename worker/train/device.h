#ifndef PHOTINUS_WORKER_TRAIN_DEVICE_H_
#define PHOTINUS_WORKER_TRAIN_DEVICE_H_

#include <string>

#include "worker/base/result.h"

namespace photinus::train {

// Whether a device can train: computes something small on it. device: "cpu" or "cuda:N". Unavailable, with what to do,
// if not. Throws nothing.
Result<void> CheckDevice(const std::string& device);

// From now on CUDA devices compute the same again from the same numbers, where libtorch can (else it warns), and
// convolve whole floats, not their first ten bits as TF32. cuBLAS has to be told by CUBLAS_WORKSPACE_CONFIG as well.
void MakeRepeatable();

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_DEVICE_H_
