#include "worker/base/core_count.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// Time per period. "max" and -1 stand for no limit.
double Ratio(std::istream& quota, std::istream& period) {
  double time = 0, of = 0;
  return quota >> time && period >> of && time > 0 && of > 0 ? time / of : kUnlimited;
}

// Of a group of version 2: "200000 100000".
double LimitOfGroup2(const fs::path& group) {
  std::ifstream limit(group / "cpu.max");
  return Ratio(limit, limit);
}

double LimitOfGroup1(const fs::path& group) {
  std::ifstream quota(group / "cpu.cfs_quota_us"), period(group / "cpu.cfs_period_us");
  return Ratio(quota, period);
}

// A container may see its own group as the root, whatever it is called outside.
double LeastUpwards(const fs::path& root, fs::path group, const std::function<double(const fs::path&)>& limit_of) {
  double least = limit_of(root);
  for (; group.has_relative_path(); group = group.parent_path()) {
    least = std::min(least, limit_of(root / group.relative_path()));
  }
  return least;
}

}  // namespace

int CountCores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const int allowed = sched_getaffinity(0, sizeof(cores), &cores) == 0 ? std::max(1, CPU_COUNT(&cores)) : 1;
  std::ifstream membership("/proc/self/cgroup");
  const std::string groups{std::istreambuf_iterator<char>(membership), {}};
  return CoresWithin(CoreQuota(groups, "/sys/fs/cgroup"), allowed);
}

double CoreQuota(std::string_view membership, const fs::path& root) {
  double quota = kUnlimited;
  std::istringstream lines{std::string(membership)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);  // id:controllers:group
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
    if (controllers.empty()) {
      quota = std::min(quota, LeastUpwards(root, group, &LimitOfGroup2));
    } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
      quota = std::min(quota, LeastUpwards(root / "cpu", group, &LimitOfGroup1));
    }
  }
  return quota;
}

int CoresWithin(double quota, int allowed) {
  return quota < allowed ? std::max(1, static_cast<int>(std::floor(quota))) : allowed;
}

}  // namespace photinus
