#ifndef PHOTINUS_WORKER_NET_STATISTICS_COMMAND_H_
#define PHOTINUS_WORKER_NET_STATISTICS_COMMAND_H_

#include <cstdint>
#include <iosfwd>
#include <string>

#include "worker/base/result.h"

namespace photinus::net {

struct StatisticsOptions {
  std::string space;
  int networks = 3000;
  std::uint64_t seed = 1;     // of the first network; the others' follow
  double max_kilobytes = 60;  // 1 kB = 1000 B
  bool as_json = false;
};

// `net statistics`: what the networks of a named space are like, from random ones: quantiles of params,
// keras_qat_params, size_bytes and flops (as `net profile` counts them) and the share of files of at most
// max_kilobytes, as a table or as one JSON object {"space", "networks", "params": {"p5", "p25", "p50", "p75", "p95"},
// ..., "max_kilobytes", "share_below"}. NotFound for an unknown space (lists the known ones).
Result<void> RunStatistics(const StatisticsOptions& options, std::ostream& stream);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_STATISTICS_COMMAND_H_
