#include "common/study_document/known_names.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/spaces/named_spaces.h"

namespace photinus {
namespace {

using Words = std::vector<std::string>;

const Words& BuiltRules() {
  static const Words& rules = *new Words{"MEDIAN", "NONE"};
  return rules;
}

const Words& PlannedRules() {
  static const Words& rules = *new Words{"TSGP", "EXP_DECAY", "DECAY_CURVE", "ASHA", "HYPERBAND", "PATIENT"};
  return rules;
}

bool Contains(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The nearest word, whatever its case, or else all of them.
std::string Advice(std::string_view word, const Words& words) {
  for (const std::string& candidate : words) {
    if (absl::EqualsIgnoreCase(candidate, absl::string_view(word.data(), word.size()))) {
      return absl::StrCat("; did you mean '", candidate, "'?");
    }
  }
  const std::string nearest = DidYouMean(word, words);
  return nearest.empty() ? absl::StrCat("; known are ", absl::StrJoin(words, ", ")) : nearest;
}

absl::Status CheckWord(std::string_view what, std::string_view word, const Words& words, std::string_view path) {
  if (Contains(words, word)) return absl::OkStatus();
  return FieldError(path,
                    absl::StrCat("unknown ", std::string(what), " '", std::string(word), "'", Advice(word, words)));
}

}  // namespace

absl::Status CheckStoppingRule(std::string_view rule, std::string_view path) {
  if (Contains(PlannedRules(), rule)) {
    return FieldError(path, absl::StrCat("rule ", std::string(rule), " is not supported yet; use one of ",
                                         absl::StrJoin(BuiltRules(), ", ")));
  }
  return CheckWord("rule", rule, BuiltRules(), path);
}

absl::Status CheckExecutor(std::string_view executor, std::string_view path) {
  return CheckWord("executor", executor, {"network", "command"}, path);
}

absl::Status CheckTask(std::string_view task, std::string_view path) {
  return CheckWord("task", task, {"keywords"}, path);
}

absl::Status CheckGoal(std::string_view goal, std::string_view path) {
  return CheckWord("goal", goal, {"maximize", "minimize"}, path);
}

absl::Status CheckSpaceName(std::string_view space, std::string_view path) {
  return CheckWord("space", space, spaces::SpaceNames(), path);
}

}  // namespace photinus
