#ifndef PHOTINUS_WORKER_ENERGY_RAPL_COUNTER_H_
#define PHOTINUS_WORKER_ENERGY_RAPL_COUNTER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "worker/energy/energy_counter.h"

namespace photinus::energy {

// The running average power limit counters of Intel and AMD processors, as Linux shows them: every package's
// energy_uj under /sys/class/powercap/intel-rapl:N, whose `name` is package-N. They wrap around at max_energy_range_uj,
// which takes minutes to hours; a run must be shorter than that.
class RaplCounter : public EnergyCounter {
 public:
  // root: /sys/class/powercap; others in tests. NotFound: this machine shows no such counters (virtual machines hardly
  // do). Unavailable: they may not be read; the message says how to allow it.
  static Result<std::unique_ptr<EnergyCounter>> Open(const std::filesystem::path& root = "/sys/class/powercap");

  Result<void> Start() override;
  Result<double> Stop(double seconds) override;

 private:
  struct Package {
    std::filesystem::path energy_file;
    std::uint64_t range_uj = 0;
    std::uint64_t start_uj = 0;
  };

  explicit RaplCounter(std::vector<Package> packages) : packages_(std::move(packages)) {}

  std::vector<Package> packages_;
};

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_RAPL_COUNTER_H_
