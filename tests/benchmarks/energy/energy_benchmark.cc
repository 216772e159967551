// `./run bench energy`: the phone's profile beside the published measurements it was fitted to; `--fit` fits it again.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "tests/benchmarks/energy/profile_fit.h"
#include "tests/benchmarks/energy/published.h"
#include "tests/benchmarks/guarded_main.h"
#include "worker/energy/device_profiles.h"

namespace photinus {
namespace {

using energy::Cost;
using energy::DeviceProfile;

constexpr int kPopulation = 1500;

void PrintConstants(const DeviceProfile& profile) {
  std::printf("\n%-14s %16s %8s\n", "constant", "us per unit", "watts");
  for (int kind = 0; kind < energy::kWorkCount; ++kind) {
    std::printf("%-14s %16.2f %8.3f\n", energy::WorkName(static_cast<energy::Work>(kind)), profile.us_per_unit[kind],
                profile.watts[kind]);
  }
}

void PrintTable(const std::vector<PublishedRow>& rows, const DeviceProfile& profile, std::ostream& output) {
  std::printf("\nprofile %s\n\n| network | mJ | paper | ms | paper | W | paper |\n|---|---|---|---|---|---|---|\n",
              profile.name.c_str());
  for (const PublishedRow& row : rows) {
    const Cost cost = energy::CostOf(row.work, profile);
    std::printf("| %s%s | %.3f | %.2f | %.3f | %.2f | %.2f | %.2f |\n", row.name.c_str(), row.exact ? "" : " (like it)",
                cost.energy_mj, row.energy_mj, cost.latency_ms, row.latency_ms, cost.energy_mj / cost.latency_ms,
                row.energy_mj / row.latency_ms);
    output << nlohmann::ordered_json{{"profile", profile.name},
                                     {"network", row.name},
                                     {"exact", row.exact},
                                     {"energy_mj", cost.energy_mj},
                                     {"published_energy_mj", row.energy_mj},
                                     {"latency_ms", cost.latency_ms},
                                     {"published_latency_ms", row.latency_ms}}
                  .dump()
           << "\n";
  }
}

void PrintPopulation(const std::vector<RandomNetwork>& networks, const DeviceProfile& profile) {
  const Population population = PopulationOf(networks, profile);
  std::printf(
      "\n%zu random networks: median %.2f mJ, deviation %.3f (paper: 1.25, 0.247); filters of block 1 explain %.0f %% "
      "of "
      "the variance; %.2f to %.2f mJ at 10 million FLOPs (paper: 0.6 to 1.5)\n",
      networks.size(), population.median_mj, population.deviation_mj, 100 * population.share_of_first_filters,
      population.low_mj, population.high_mj);
}

int Main(int argc, char** argv) {
  CLI::App app("The phone's device profile beside table 2 of arXiv 2202.05397.");
  std::string path;
  bool fit = false;
  app.add_option("--output", path, "File for JSON lines, a network each");
  app.add_flag("--fit", fit, "Fit the constants again and print them");
  CLI11_PARSE(app, argc, argv);
  std::ofstream output;
  if (!path.empty()) {
    output.open(path);
    if (!output) throw std::runtime_error("cannot write " + path);
  }
  const DeviceProfile phone = energy::FindDeviceProfile("phone").value();
  const std::vector<PublishedRow> rows = PublishedRows(phone.cache_bytes);
  const std::vector<RandomNetwork> networks = RandomNetworks("energy-audio-2d", kPopulation, phone.cache_bytes);
  PrintTable(rows, phone, output);
  PrintPopulation(networks, phone);
  if (!fit) return 0;
  const DeviceProfile fitted = FitPhone(rows, networks);
  PrintTable(rows, fitted, output);
  PrintPopulation(networks, fitted);
  PrintConstants(fitted);
  return 0;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::GuardedMain(&photinus::Main, argc, argv); }
