#include "worker/net/sample_command.h"

#include <ostream>

#include "common/spaces/sample.h"
#include "worker/base/file.h"
#include "worker/graph/architecture_json.h"
#include "worker/graph/architectures.h"
#include "worker/net/local_files.h"

namespace photinus::net {

Result<void> RunSample(const std::string& space, std::uint64_t seed, const std::string& out, std::ostream& stream) {
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::Space* named, graph::NamedSpace(space));
  PHOTINUS_ASSIGN_OR_RETURN(graph::Architecture architecture,
                            graph::ArchitectureOf(space, spaces::Sample(*named, seed)));
  architecture.name.append("-").append(std::to_string(seed));
  const std::string json = graph::ToJson(architecture);
  if (!out.empty()) {
    PHOTINUS_RETURN_IF_ERROR(CheckWritable(out));
    return WriteFile(out, json);
  }
  stream << json;
  return {};
}

}  // namespace photinus::net
