#include "worker/energy/nvml_counter.h"

#include <dlfcn.h>

#include <utility>

namespace photinus::energy {
namespace {

// What is needed of nvml.h: its functions return 0 for success.
using Device = struct nvmlDevice_st*;
struct Functions {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*device_by_index)(unsigned, Device*) = nullptr;
  int (*total_energy_mj)(Device, unsigned long long*) = nullptr;  // millijoules since the driver was loaded
};

struct CloseLibrary {
  void operator()(void* library) const { dlclose(library); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

class NvmlCounter : public EnergyCounter {
 public:
  // Initialises the library, so that the destructor is to shut it down.
  static Result<std::unique_ptr<EnergyCounter>> Open(Library library, const Functions& functions, int gpu) {
    if (const int fault = functions.init(); fault != 0) {
      return Unavailable(std::string("NVML cannot start: ") + functions.error_string(fault));
    }
    std::unique_ptr<NvmlCounter> counter(new NvmlCounter(std::move(library), functions));
    if (const int fault = functions.device_by_index(static_cast<unsigned>(gpu), &counter->device_); fault != 0) {
      return NotFound("NVML has no GPU " + std::to_string(gpu) + ": " + functions.error_string(fault));
    }
    PHOTINUS_RETURN_IF_ERROR(counter->Start());  // older GPUs cannot count: said at once
    return std::unique_ptr<EnergyCounter>(std::move(counter));
  }
  ~NvmlCounter() override { functions_.shutdown(); }

  Result<void> Start() override {
    PHOTINUS_ASSIGN_OR_RETURN(start_mj_, Read());
    return {};
  }
  Result<double> Stop(double /*seconds*/) override {
    PHOTINUS_ASSIGN_OR_RETURN(const unsigned long long end_mj, Read());
    return static_cast<double>(end_mj - start_mj_) / 1000;
  }

 private:
  NvmlCounter(Library library, const Functions& functions) : library_(std::move(library)), functions_(functions) {}

  Result<unsigned long long> Read() const {
    unsigned long long energy_mj = 0;
    const int fault = functions_.total_energy_mj(device_, &energy_mj);
    if (fault == 0) return energy_mj;
    return Unavailable(std::string("NVML cannot read the GPU's energy: ") + functions_.error_string(fault));
  }

  const Library library_;
  const Functions functions_;
  Device device_ = nullptr;
  unsigned long long start_mj_ = 0;
};

template <typename Function>
bool Load(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

Result<std::unique_ptr<EnergyCounter>> OpenNvmlCounter(int gpu, const std::string& library) {
  Library handle(dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (handle == nullptr) {
    return NotFound("cannot load " + library + " (" + dlerror() + "); it comes with NVIDIA's driver");
  }
  Functions functions;
  const bool complete = Load(handle.get(), "nvmlInit_v2", functions.init) &&
                        Load(handle.get(), "nvmlShutdown", functions.shutdown) &&
                        Load(handle.get(), "nvmlErrorString", functions.error_string) &&
                        Load(handle.get(), "nvmlDeviceGetHandleByIndex_v2", functions.device_by_index) &&
                        Load(handle.get(), "nvmlDeviceGetTotalEnergyConsumption", functions.total_energy_mj);
  if (!complete) return NotFound(library + " is too old: it cannot count energy");
  return NvmlCounter::Open(std::move(handle), functions, gpu);
}

}  // namespace photinus::energy
