#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "server/stopping/median_rule.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {
namespace {

// NONE: every trial runs to its end.
class NoRule final : public StoppingRule {
 public:
  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest&) const override {
    return StoppingDecision{.stop = false, .reason = "rule NONE: trials run to their end"};
  }
};

template <typename Rule>
std::unique_ptr<StoppingRule> Make() {
  return std::make_unique<Rule>();
}

struct RuleEntry {
  const char* name;
  std::unique_ptr<StoppingRule> (*make)();
};

// The only list. A new rule is a file pair, a test and a line here.
constexpr RuleEntry kRules[] = {
    {"MEDIAN", &Make<MedianRule>},
    {"NONE", &Make<NoRule>},
};

}  // namespace

absl::StatusOr<std::unique_ptr<StoppingRule>> MakeStoppingRule(std::string_view name) {
  for (const RuleEntry& entry : kRules) {
    if (name == entry.name) return entry.make();
  }
  const std::vector<std::string> known = StoppingRuleNames();
  return FieldError("early_stopping.rule", absl::StrCat(Quoted(name), " is not a stopping rule of this server; it has ",
                                                        absl::StrJoin(known, ", "), DidYouMean(name, known)));
}

std::vector<std::string> StoppingRuleNames() {
  std::vector<std::string> names;
  for (const RuleEntry& entry : kRules) names.push_back(entry.name);
  return names;
}

}  // namespace photinus
