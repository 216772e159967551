#ifndef PHOTINUS_WORKER_NET_RUN_COMMAND_H_
#define PHOTINUS_WORKER_NET_RUN_COMMAND_H_

#include <string>

#include "worker/base/result.h"
#include "worker/tflite/rounding.h"

namespace photinus::net {

struct RunOptions {
  bool xnnpack = false;                                // else our interpreter
  int threads = 1;                                     // of XNNPACK
  tflite::Rounding rounding = tflite::Rounding::kXnn;  // of the interpreter; XNNPACK has its own alone
};

// `net run`: the outputs of a .tflite file for int8 examples. input: a .npy whose first axis is the batch and whose
// others are the network's; output: a .npy to write, with the same first axis. NotFound, InvalidArgument (not a
// network, not such an array, another shape, options that do not go together), Unavailable when files cannot be read or
// written.
Result<void> RunNetwork(const std::string& net, const std::string& input, const std::string& output,
                        const RunOptions& options);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_RUN_COMMAND_H_
