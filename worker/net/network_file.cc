#include "worker/net/network_file.h"

#include "worker/base/file.h"
#include "worker/graph/architecture_json.h"

namespace photinus::net {

Result<graph::Graph> ReadNetwork(const std::string& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string json, ReadFile(path));
  const Result<graph::Architecture> architecture = graph::ParseArchitecture(json);
  if (!architecture.ok()) return Error{architecture.error().code, path + ": " + architecture.error().message};
  Result<graph::Graph> graph = graph::BuildGraph(*architecture);
  if (!graph.ok()) return Error{graph.error().code, path + ": " + graph.error().message};
  return graph;
}

}  // namespace photinus::net
