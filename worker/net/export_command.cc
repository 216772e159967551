#include "worker/net/export_command.h"

#include "worker/base/subprocess.h"
#include "worker/graph/architecture_file.h"
#include "worker/net/local_files.h"

namespace photinus::net {

Result<void> RunExport(const std::string& net, std::uint64_t seed, const std::string& out,
                       const std::string& trial_program) {
  PHOTINUS_RETURN_IF_ERROR(CheckNetwork(net));
  PHOTINUS_RETURN_IF_ERROR(graph::FindArchitecture(net));
  PHOTINUS_RETURN_IF_ERROR(CheckWritable(out));
  const Result<void> run =
      RunProgram({trial_program, "export", "--net", net, "--seed", std::to_string(seed), "--out", out});
  if (run.ok()) return {};
  if (run.error().code == ErrorCode::kNotFound) {
    return NotFound("no program " + trial_program + "; build and install photinus-trial with this one");
  }
  return Unavailable(run.error().message + "; its reason stands above");
}

}  // namespace photinus::net
