// What --device means on this machine.
#ifndef PHOTINUS_WORKER_AGENT_DEVICES_H_
#define PHOTINUS_WORKER_AGENT_DEVICES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace photinus {

struct Device {
  std::string name;           // "cpu", "cuda:1": what `photinus worker list` shows
  std::string name_in_child;  // "cpu", "cuda:0": what the trial's program calls it
  std::string visible;        // value of the child's CUDA_VISIBLE_DEVICES; meaningful for CUDA only

  bool is_cuda() const { return name != "cpu"; }
  // What a trial's program needs in its environment to use this device, and only it, with `threads` threads.
  std::vector<std::string> Environment(int threads) const;
};

// How many threads a trial on `device` may run if `slots` trials share this machine's `cores`: on a CPU up to two, of
// which one computes and one makes batches, on a GPU two to five, of which all but one make them.
int SharedThreads(const Device& device, int cores, int slots);

// "cpu", "cuda:0,cuda:2" or "cuda:all". `visible` is this process's own CUDA_VISIBLE_DEVICES (nullptr if unset), whose
// order the indices follow; `present` is how many devices the machine has. InvalidArgument: another form, an index that
// is not there, a device named twice, no CUDA device at all.
absl::StatusOr<std::vector<Device>> ParseDevices(std::string_view text, const char* visible, int present);

// How many NVIDIA GPUs the kernel knows; needs no CUDA library.
int CountCudaDevices();

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_DEVICES_H_
