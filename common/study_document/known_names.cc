#include "common/study_document/known_names.h"

#include <algorithm>
#include <string>

#include "common/base/errors.h"
#include "common/spaces/named_spaces.h"
#include "common/study_document/strict_json.h"

namespace photinus {
namespace {

using Words = std::vector<std::string_view>;

absl::Status CheckWord(std::string_view what, std::string_view word, const Words& words, std::string_view path) {
  if (std::find(words.begin(), words.end(), word) != words.end()) return absl::OkStatus();
  return FieldError(path, UnknownWordMessage(what, word, words));
}

}  // namespace

const std::vector<std::string_view>& PlannedKeys() {
  static const auto& keys = *new std::vector<std::string_view>{"constraints", "fixed", "final", "stages"};
  return keys;
}

absl::Status CheckExecutor(std::string_view executor, std::string_view path) {
  return CheckWord("executor", executor, {"network", "command"}, path);
}

absl::Status CheckTask(std::string_view task, std::string_view path) {
  return CheckWord("task", task, {"audioset", "events", "keywords", "speech-commands"}, path);
}

bool TaskNeedsFolder(std::string_view task) { return task == "audioset" || task == "speech-commands"; }

absl::Status CheckFeatures(std::string_view features, std::string_view path) {
  return CheckWord("features", features, {"log-mel", "mfcc"}, path);
}

absl::Status CheckBaseline(std::string_view network, std::string_view path) {
  return CheckWord("network", network, {"mobilenet_v1", "mobilenet_v2", "tc_resnet14_1.5", "tc_resnet8_1.0"}, path);
}

absl::Status CheckGoal(std::string_view goal, std::string_view path) {
  return CheckWord("goal", goal, {"maximize", "minimize"}, path);
}

absl::Status CheckSpaceName(std::string_view space, std::string_view path) {
  const std::vector<std::string> names = spaces::SpaceNames();
  return CheckWord("space", space, {names.begin(), names.end()}, path);
}

}  // namespace photinus
