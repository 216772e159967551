#ifndef PHOTINUS_WORKER_NET_NETWORK_FILE_H_
#define PHOTINUS_WORKER_NET_NETWORK_FILE_H_

#include <string>

#include "worker/base/result.h"
#include "worker/graph/graph.h"

namespace photinus::net {

// The network whose architecture the JSON file `path` holds. Errors name the file: NotFound, Unavailable when it cannot
// be read, InvalidArgument when it holds no architecture or one that cannot be built.
Result<graph::Graph> ReadNetwork(const std::string& path);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_NETWORK_FILE_H_
