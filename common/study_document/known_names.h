// The closed word lists of study files and documents. Each check gives InvalidArgument, a FieldError at `path` that
// says which words there are.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_KNOWN_NAMES_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_KNOWN_NAMES_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace photinus {

// Keys at the root of both whose features are planned.
const std::vector<std::string_view>& PlannedKeys();

// "network" or "command".
absl::Status CheckExecutor(std::string_view executor, std::string_view path);
// What the network executor can train for: "audioset", "events", "keywords" or "speech-commands".
absl::Status CheckTask(std::string_view task, std::string_view path);
// Whether a known task learns from a folder of the user's, rather than from clips that are generated.
bool TaskNeedsFolder(std::string_view task);
// What a network's input is: "log-mel" or "mfcc".
absl::Status CheckFeatures(std::string_view features, std::string_view path);
// A published network that others are compared with: "mobilenet_v1", "mobilenet_v2", "tc_resnet14_1.5",
// "tc_resnet8_1.0".
absl::Status CheckBaseline(std::string_view network, std::string_view path);
// "maximize" or "minimize".
absl::Status CheckGoal(std::string_view goal, std::string_view path);
// A name of common/spaces.
absl::Status CheckSpaceName(std::string_view space, std::string_view path);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_KNOWN_NAMES_H_
