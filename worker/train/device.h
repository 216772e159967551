#ifndef PHOTINUS_WORKER_TRAIN_DEVICE_H_
#define PHOTINUS_WORKER_TRAIN_DEVICE_H_

#include <string>

#include "worker/base/result.h"

namespace photinus::train {

// Whether a device can train: computes something small on it. device: "cpu" or "cuda:N". Unavailable, with what to do,
// if not. Throws nothing.
Result<void> CheckDevice(const std::string& device);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_DEVICE_H_
