// Whether a measurement says what a study wants to know.
#ifndef PHOTINUS_WORKER_AGENT_OBJECTIVES_H_
#define PHOTINUS_WORKER_AGENT_OBJECTIVES_H_

#include <optional>
#include <set>
#include <string>

#include "common/base/pb.h"
#include "worker/agent/assignment.h"

namespace photinus {

// The first metric that an objective of the trial's study needs and `measurement` lacks; nullopt if there is none. What
// a derived objective is computed from may also be a parameter or one of `static_metrics`, those of step 0.
std::optional<std::string> MissingMetric(const Assignment& assignment, const pb::Measurement& measurement,
                                         const std::set<std::string>& static_metrics);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_OBJECTIVES_H_
