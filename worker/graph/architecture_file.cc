#include "worker/graph/architecture_file.h"

#include "worker/base/file.h"
#include "worker/graph/architecture_json.h"
#include "worker/graph/baselines.h"

namespace photinus::graph {
namespace {

Error InFile(const std::string& path, const Error& error) { return {error.code, path + ": " + error.message}; }

}  // namespace

Result<Architecture> FindArchitecture(const std::string& net) {
  Result<Architecture> baseline = Baseline(net);
  if (baseline.ok()) return baseline;
  const Result<std::string> json = ReadFile(net);
  if (!json.ok() && json.error().code == ErrorCode::kNotFound) {
    return NotFound(json.error().message + "; and " + baseline.error().message);
  }
  if (!json.ok()) return json.error();
  Result<Architecture> architecture = ParseArchitecture(*json);
  if (!architecture.ok()) return InFile(net, architecture.error());
  const Result<Graph> graph = BuildGraph(*architecture);
  if (!graph.ok()) return InFile(net, graph.error());
  return architecture;
}

}  // namespace photinus::graph
