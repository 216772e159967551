// What a trial's program says on its standard output (docs/trial-protocol.md).
#ifndef PHOTINUS_WORKER_AGENT_TRIAL_OUTPUT_H_
#define PHOTINUS_WORKER_AGENT_TRIAL_OUTPUT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace photinus {

using Metrics = std::vector<std::pair<std::string, double>>;  // by name; values may be NaN or infinite

struct OutputMeasurement {
  int64_t step = 0;               // >= 0
  std::optional<double> elapsed;  // seconds since the program began
  Metrics metrics;                // not empty
};
struct OutputArtifact {
  std::string name;  // as ValidateArtifactName has it
  std::string path;  // relative ones begin at the work dir
};
struct OutputFinal {
  Metrics metrics;  // not empty
};
struct OutputInfeasible {
  std::string reason;
};
struct OutputLog {};  // not for us: a line of the log
using OutputLine = std::variant<OutputLog, OutputMeasurement, OutputArtifact, OutputFinal, OutputInfeasible>;

// A line that is a JSON object with "step", "artifact", "final" or "infeasible" is understood, any other is the log's.
// Metrics that are not finite may be written as null (NaN), and as languages print them though JSON knows none: nan,
// inf and infinity in any case, with or without sign and quotes, and numbers too large for a double. InvalidArgument,
// with what is wrong: an object with one of these keys that the protocol does not allow, or a line that begins as one
// and is not valid JSON.
absl::StatusOr<OutputLine> ParseOutputLine(std::string_view line);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_TRIAL_OUTPUT_H_
