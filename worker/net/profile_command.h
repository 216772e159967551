#ifndef PHOTINUS_WORKER_NET_PROFILE_COMMAND_H_
#define PHOTINUS_WORKER_NET_PROFILE_COMMAND_H_

#include <iosfwd>
#include <string>

#include "worker/base/result.h"

namespace photinus::net {

// `net profile`: counts of a network (worker/graph/counters.h) and the exact size of its .tflite, whole and per layer,
// as a table or as one JSON object {"name", "params", "flops", "macs", "size_bytes", "layers": [{"name", "type",
// "output", "params", "flops", "macs"}]}. net: a baseline's name, else a file with an architecture in JSON. NotFound if
// it is neither (the message lists the baselines), InvalidArgument if the file's content is no network.
Result<void> RunProfile(const std::string& net, bool as_json, std::ostream& stream);

// The baselines' names, separated by commas.
std::string JoinedBaselineNames();

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_PROFILE_COMMAND_H_
