// Problems with known optima on which search algorithms are compared.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_WORKLOADS_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_WORKLOADS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/space/search_space.h"

namespace photinus {

// One instance of a problem, to be minimised; its optimum has regret 0.
struct Workload {
  SearchSpace space;
  std::function<double(const Point&)> regret;
};

// Names: sphere, rosenbrock, rastrigin, ellipsoid (condition 1e4), all shifted and rotated in [-5, 5]^8; ackley and
// sharp_ridge alike, for development; mixed (categories, integers, discrete and log-scaled values, conditional
// children).
std::vector<std::string> WorkloadNames();

// Instance `instance` has a rotation, an optimum and a labelling of categories of its own.
Workload MakeWorkload(const std::string& name, uint64_t instance);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_WORKLOADS_H_
