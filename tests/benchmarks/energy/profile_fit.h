#ifndef PHOTINUS_TESTS_BENCHMARKS_ENERGY_PROFILE_FIT_H_
#define PHOTINUS_TESTS_BENCHMARKS_ENERGY_PROFILE_FIT_H_

#include <vector>

#include "tests/benchmarks/energy/published.h"
#include "worker/energy/device_profile.h"

namespace photinus {

// What the phone's constants would be from the processor's data sheet alone: the centre of the fit.
energy::DeviceProfile PriorPhone();

// The constants that make the published table and population likeliest, given the prior: they minimise
//   sum (log(constant / prior) / s)^2     s = 0.7 for times, 0.12 for powers
// + sum (log(ours / published) / t)^2     latency and energy of each row, t its tolerance
// + (log(median / 1.25) / 0.05)^2 + (log(deviation / 0.247) / 0.1)^2 + ((share of first filters - 0.59) / 0.02)^2
// over the logarithms of all times and powers [Rowan's Subplex]. Deterministic.
energy::DeviceProfile FitPhone(const std::vector<PublishedRow>& rows, const std::vector<RandomNetwork>& networks);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_ENERGY_PROFILE_FIT_H_
