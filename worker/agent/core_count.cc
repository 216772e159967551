#include "worker/agent/core_count.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

std::string ContentOf(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Time per period. "max" and -1 stand for no limit.
double Ratio(absl::string_view quota, absl::string_view period) {
  double time = 0, of = 0;
  const bool limited = absl::SimpleAtod(quota, &time) && absl::SimpleAtod(period, &of) && time > 0 && of > 0;
  return limited ? time / of : kUnlimited;
}

// Of a group of version 2: "200000 100000".
double LimitOfGroup2(const fs::path& group) {
  const std::vector<std::string> parts = absl::StrSplit(ContentOf(group / "cpu.max"), ' ');
  return parts.size() == 2 ? Ratio(parts[0], parts[1]) : kUnlimited;
}

double LimitOfGroup1(const fs::path& group) {
  return Ratio(ContentOf(group / "cpu.cfs_quota_us"), ContentOf(group / "cpu.cfs_period_us"));
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
  return CoresWithin(CoreQuota(ContentOf("/proc/self/cgroup"), "/sys/fs/cgroup"), allowed);
}

double CoreQuota(std::string_view membership, const fs::path& root) {
  double quota = kUnlimited;
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(membership.data(), membership.size()), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));  // id:controllers:group
    if (parts.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    if (parts[1].empty()) {
      quota = std::min(quota, LeastUpwards(root, parts[2], &LimitOfGroup2));
    } else if (std::find(controllers.begin(), controllers.end(), "cpu") != controllers.end()) {
      quota = std::min(quota, LeastUpwards(root / "cpu", parts[2], &LimitOfGroup1));
    }
  }
  return quota;
}

int CoresWithin(double quota, int allowed) {
  return quota < allowed ? std::max(1, static_cast<int>(std::floor(quota))) : allowed;
}

}  // namespace photinus
