#include "worker/train/torch_fault.h"

#include <c10/util/Exception.h>

#include <array>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

namespace photinus::train {
namespace {

// How the allocator for the processor's memory words a refusal; it throws a plain c10::Error.
constexpr std::array<std::string_view, 2> kRefusals = {"DefaultCPUAllocator: can't allocate memory",
                                                       "DefaultCPUAllocator: not enough memory"};
constexpr std::array<std::string_view, 4> kDeviceComplaints = {"CUDA error", "cuDNN error", "CUDA driver", "NVIDIA"};

template <typename Parts>
bool ContainsOneOf(const std::string& text, const Parts& parts) {
  for (const std::string_view part : parts) {
    if (text.find(part) != std::string::npos) return true;
  }
  return false;
}

// libtorch appends its own call stack.
std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Error FaultOf(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return InvalidArgument("out of memory: the network is too large for this machine");
  }
  if (dynamic_cast<const std::system_error*>(&exception) != nullptr) {
    return Unavailable(std::string("the system refused what training needs, such as a thread: ") + exception.what());
  }
  const std::string message = FirstLine(exception.what());
  const bool refused = dynamic_cast<const c10::OutOfMemoryError*>(&exception) != nullptr;
  if (refused || ContainsOneOf(message, kRefusals)) return InvalidArgument("out of memory: " + message);
  if (ContainsOneOf(message, kDeviceComplaints)) return Unavailable("libtorch: " + message);
  return Internal("libtorch: " + message);
}

}  // namespace photinus::train
