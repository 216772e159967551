// Table 2 of "NAS for energy-efficient always-on audio models" (arXiv 2202.05397), and our stand-ins for its networks.
#ifndef PHOTINUS_TESTS_BENCHMARKS_ENERGY_PUBLISHED_H_
#define PHOTINUS_TESTS_BENCHMARKS_ENERGY_PUBLISHED_H_

#include <string>
#include <vector>

#include "worker/energy/device_profile.h"

namespace photinus {

// A row of the table, and the mean work of the networks that stand for it.
struct PublishedRow {
  std::string name;
  double energy_mj = 0;
  double latency_ms = 0;
  double latency_tolerance = 0;  // relative; of the printed digits, or of the stand-in
  double energy_tolerance = 0;
  bool exact = false;  // the network itself; else the 20 random networks of the space with the nearest FLOPs and
                       // parameter counts stand for it, as the paper does not print its winners' blocks
  energy::WorkAmounts work{};
};
std::vector<PublishedRow> PublishedRows(double cache_bytes);

// A random network of energy-audio-2d.
struct RandomNetwork {
  energy::WorkAmounts work{};
  double flops = 0;
  double params = 0;  // as the table counts them
  double first_filters = 0;
};
std::vector<RandomNetwork> RandomNetworks(const std::string& space, int count, double cache_bytes,
                                          bool as_nas_bayesian = false);

// What the paper says of its whole space, and what a profile makes of ours.
struct Population {
  double median_mj = 0;               // "almost half" of the paper's are below 1.25
  double deviation_mj = 0;            // 0.247: from R2 0.92 at an RMSE of 0.07
  double share_of_first_filters = 0;  // of the variance of energy; the paper's importance is 59 %
  double low_mj = 0, high_mj = 0;     // 1st and 99th percentile at 10 million FLOPs; the paper: 0.6 to 1.5
};
Population PopulationOf(const std::vector<RandomNetwork>& networks, const energy::DeviceProfile& profile);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_ENERGY_PUBLISHED_H_
