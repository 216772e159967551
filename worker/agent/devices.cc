#include "worker/agent/devices.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// More than one thread that computes hardly speeds up small networks, and changes the last bits.
constexpr int kMostCpuThreads = 2;
constexpr int kMostGpuThreads = 5;
// One that makes batches while the GPU computes; it sleeps most of the time, so it may share a core.
constexpr int kLeastGpuThreads = 2;

constexpr char kGpuFolder[] = "/proc/driver/nvidia/gpus";
constexpr std::string_view kNode = "nvidia";  // /dev/nvidia0, beside /dev/nvidiactl and others

int CountEntries(const char* folder, absl::FunctionRef<bool(std::string_view name)> matches) {
  std::error_code error;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    count += matches(entry.path().filename().string()) ? 1 : 0;
  }
  return count;
}

absl::Status Refused(std::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", what);
}

// The names by which CUDA_VISIBLE_DEVICES calls the devices that this process may use.
std::vector<std::string> VisibleDevices(const char* visible, int present) {
  if (visible != nullptr) {
    std::vector<std::string> named = absl::StrSplit(visible, ',', absl::SkipWhitespace());
    // CUDA ends the list at the first index that no device can have; a lone -1 is how people say "none".
    named.erase(std::find_if(named.begin(), named.end(), [](const auto& name) { return name.front() == '-'; }),
                named.end());
    return named;
  }
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(present));
  for (int i = 0; i < present; ++i) names.push_back(std::to_string(i));
  return names;
}

Device CudaDevice(size_t index, const std::string& visible) {
  return Device{absl::StrCat("cuda:", index), "cuda:0", visible};
}

}  // namespace

std::vector<std::string> Device::Environment(int threads) const {
  std::vector<std::string> environment = {absl::StrCat("OPENBLAS_NUM_THREADS=", threads),
                                          absl::StrCat("OMP_NUM_THREADS=", threads)};
  if (is_cuda()) {
    environment.push_back("CUDA_VISIBLE_DEVICES=" + visible);
    environment.push_back("CUBLAS_WORKSPACE_CONFIG=:4096:8");  // without it cuBLAS may add up in any order
  }
  return environment;
}

int SharedThreads(const Device& device, int cores, int slots) {
  if (device.is_cuda()) return std::clamp(cores / slots, kLeastGpuThreads, kMostGpuThreads);
  return std::clamp(cores / slots, 1, kMostCpuThreads);
}

absl::StatusOr<std::vector<Device>> ParseDevices(std::string_view text, const char* visible, int present) {
  if (text == "cpu") return std::vector<Device>{Device{"cpu", "cpu", ""}};
  const std::vector<std::string> names = VisibleDevices(visible, present);
  std::vector<Device> devices;
  if (text == "cuda:all") {
    for (size_t i = 0; i < names.size(); ++i) devices.push_back(CudaDevice(i, names[i]));
    if (devices.empty()) return Refused("this machine has no CUDA device; use --device cpu");
    return devices;
  }
  std::set<size_t> seen;
  for (const absl::string_view part : absl::StrSplit(absl::string_view(text.data(), text.size()), ',')) {
    absl::string_view digits = part;
    size_t index = 0;
    if (!absl::ConsumePrefix(&digits, "cuda:") || !absl::SimpleAtoi(digits, &index)) {
      return Refused(absl::StrCat("device '", part, "' is not understood; write cpu, cuda:0,cuda:1 or cuda:all"));
    }
    if (index >= names.size()) {
      return Refused(absl::StrCat("there is no device ", part, ": this machine shows ", names.size(), " CUDA devices"));
    }
    if (!seen.insert(index).second) return Refused(absl::StrCat("device ", part, " is named twice"));
    devices.push_back(CudaDevice(index, names[index]));
  }
  return devices;
}

int CountCudaDevices() {
  // A container has the nodes of its own devices only; elsewhere they may be missing until CUDA is used first.
  const int nodes = CountEntries("/dev", [](std::string_view name) {
    return name.size() > kNode.size() && name.substr(0, kNode.size()) == kNode &&
           name.find_first_not_of("0123456789", kNode.size()) == std::string_view::npos;
  });
  return nodes > 0 ? nodes : CountEntries(kGpuFolder, [](std::string_view) { return true; });
}

}  // namespace photinus
