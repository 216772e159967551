// How many cores this process has.
#ifndef PHOTINUS_WORKER_BASE_CORE_COUNT_H_
#define PHOTINUS_WORKER_BASE_CORE_COUNT_H_

#include <filesystem>
#include <string_view>

namespace photinus {

// The cores that the process may run on, or as many as its control groups give it time of, whichever is fewer; at least
// one.
int CountCores();

// How many cores' time a process gets: the least of what its control group and those above it allow. Infinity without a
// limit that can be read.
//   membership  of the process, as in /proc/self/cgroup
//   root        where control groups are mounted: version 2 there (cpu.max), version 1 in `cpu` (cpu.cfs_quota_us)
double CoreQuota(std::string_view membership, const std::filesystem::path& root);

// Of `allowed` cores, at least 1, those that a quota leaves, rounded down.
int CoresWithin(double quota, int allowed);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_CORE_COUNT_H_
