#ifndef PHOTINUS_WORKER_GRAPH_ARCHITECTURE_FILE_H_
#define PHOTINUS_WORKER_GRAPH_ARCHITECTURE_FILE_H_

#include <string>

#include "worker/base/result.h"
#include "worker/graph/architecture.h"

namespace photinus::graph {

// The architecture that people name on a command line: a baseline by its name (baselines.h), else the file `net` that
// holds one in JSON. Errors name the file: NotFound if there is neither (the message lists the baselines), Unavailable
// when it cannot be read, InvalidArgument when it holds no architecture or one of which no network can be built.
Result<Architecture> FindArchitecture(const std::string& net);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_ARCHITECTURE_FILE_H_
