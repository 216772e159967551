#include "worker/trial/export_command.h"

#include <string_view>
#include <vector>

#include "worker/base/file.h"
#include "worker/graph/architecture_file.h"
#include "worker/tflite/writer.h"
#include "worker/train/train.h"

namespace photinus::trial {

Result<void> RunExportCommand(const std::string& net, uint64_t seed, const std::filesystem::path& out) {
  const Result<graph::Architecture> architecture = graph::FindArchitecture(net);
  if (!architecture.ok()) return InvalidArgument(architecture.error().message);  // whatever it is, the caller named it
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, graph::BuildGraph(*architecture));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::QuantizedModel model, train::QuantizeUntrained(graph, seed));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<uint8_t> tflite, tflite::WriteTflite(model));
  return WriteFile(out, std::string_view(reinterpret_cast<const char*>(tflite.data()), tflite.size()));
}

}  // namespace photinus::trial
