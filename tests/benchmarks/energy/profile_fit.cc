#include "tests/benchmarks/energy/profile_fit.h"

#include <nlopt.h>

#include <cmath>
#include <stdexcept>

namespace photinus {
namespace {

using energy::Cost;
using energy::DeviceProfile;
using energy::kWorkCount;

constexpr double kTimeSpread = 0.7, kPowerSpread = 0.12;
constexpr unsigned kDimensions = 2 * kWorkCount;

struct Problem {
  const std::vector<PublishedRow>& rows;
  const std::vector<RandomNetwork>& networks;
  DeviceProfile prior;
};

double Square(double value) { return value * value; }

// x: logarithms of times, then of powers, relative to the prior.
DeviceProfile ProfileAt(const DeviceProfile& prior, const double* x) {
  DeviceProfile profile = prior;
  for (int kind = 0; kind < kWorkCount; ++kind) {
    profile.us_per_unit[kind] *= std::exp(x[kind]);
    profile.watts[kind] *= std::exp(x[kWorkCount + kind]);
  }
  return profile;
}

double Misfit(unsigned dimensions, const double* x, double* /*gradient*/, void* data) {
  const auto& problem = *static_cast<const Problem*>(data);
  const DeviceProfile profile = ProfileAt(problem.prior, x);
  double sum = 0;
  for (unsigned i = 0; i < dimensions; ++i) sum += Square(x[i] / (i < kWorkCount ? kTimeSpread : kPowerSpread));
  for (const PublishedRow& row : problem.rows) {
    const Cost cost = energy::CostOf(row.work, profile);
    sum += Square(std::log(cost.latency_ms / row.latency_ms) / row.latency_tolerance);
    sum += Square(std::log(cost.energy_mj / row.energy_mj) / row.energy_tolerance);
  }
  const Population population = PopulationOf(problem.networks, profile);
  return sum + Square(std::log(population.median_mj / 1.25) / 0.05) +
         Square(std::log(population.deviation_mj / 0.247) / 0.1) +
         Square((population.share_of_first_filters - 0.59) / 0.02);
}

}  // namespace

// A Cortex-A76 at 2.84 GHz: 16 multiply-accumulates in each of two units per cycle, of which half are reached; eight
// bytes per cycle between cache levels; some cycles for each value that is requantized or moved.
DeviceProfile PriorPhone() {
  return {.name = "prior",
          .description = "from the data sheet",
          .cache_bytes = 256e3,
          .us_per_unit = {1.5, 22, 500, 100, 5000, 500, 100},
          .watts = {1.1, 1.5, 1.4, 1.4, 1.35, 1.3, 1.3}};
}

DeviceProfile FitPhone(const std::vector<PublishedRow>& rows, const std::vector<RandomNetwork>& networks) {
  Problem problem{rows, networks, PriorPhone()};
  nlopt_opt optimizer = nlopt_create(NLOPT_LN_SBPLX, kDimensions);
  nlopt_set_min_objective(optimizer, &Misfit, &problem);
  nlopt_set_maxeval(optimizer, 20000);
  nlopt_set_ftol_rel(optimizer, 1e-6);
  nlopt_set_initial_step1(optimizer, 0.3);
  std::vector<double> x(kDimensions, 0.0);
  double misfit = 0;
  const nlopt_result result = nlopt_optimize(optimizer, x.data(), &misfit);
  nlopt_destroy(optimizer);
  if (result < 0) throw std::runtime_error(std::string("the fit failed: ") + nlopt_result_to_string(result));
  DeviceProfile fitted = ProfileAt(problem.prior, x.data());
  fitted.name = "fitted";
  return fitted;
}

}  // namespace photinus
