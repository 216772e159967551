#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/stopping/asha_rule.h"
#include "server/stopping/curve_scale.h"
#include "server/stopping/decay_curve_rule.h"
#include "server/stopping/exp_decay_rule.h"
#include "server/stopping/hyperband_rule.h"
#include "server/stopping/median_rule.h"
#include "server/stopping/no_rule.h"
#include "server/stopping/patient_rule.h"
#include "server/stopping/prediction_rule.h"
#include "server/stopping/stopping_rule.h"
#include "server/stopping/tsgp_rule.h"

namespace photinus {
namespace {

using Settings = EarlyStoppingSettings;
using Made = absl::StatusOr<std::unique_ptr<StoppingRule>>;

// min_steps; 0, which is no rung, counts as not set.
double FirstRungOf(const Settings& settings, double otherwise) {
  const double first = settings.min_steps.value_or(0);
  return first > 0 ? first : otherwise;
}

Made MakeAsha(const Settings& settings) {
  AshaOptions options;
  options.eta = settings.eta.value_or(options.eta);
  options.first_rung = FirstRungOf(settings, options.first_rung);
  return std::make_unique<AshaRule>(options);
}

Made MakeHyperband(const Settings& settings) {
  HyperbandOptions options;
  options.eta = settings.eta.value_or(options.eta);
  options.first_rung = FirstRungOf(settings, options.first_rung);
  return std::make_unique<HyperbandRule>(options);
}

// Whatever the settings leave out is the rule's own.
PredictionOptions PredictionOptionsOf(const Settings& settings, PredictionOptions options) {
  options.delta = settings.delta.value_or(options.delta);
  options.checks = settings.checks.value_or(options.checks);
  options.min_steps = settings.min_steps.value_or(options.min_steps);
  options.exempt = settings.exempt.value_or(options.exempt);
  options.top = settings.top.value_or(options.top);
  return options;
}

std::optional<ScaleKind> ScaleOf(const Settings& settings) {
  if (settings.scale == "linear") return ScaleKind::kLinear;
  if (settings.scale == "log") return ScaleKind::kLog;
  if (settings.scale == "logit") return ScaleKind::kLogit;
  return std::nullopt;
}

TsgpRuleOptions TsgpRuleOptionsOf(const Settings& settings) {
  TsgpRuleOptions options;
  options.prediction = PredictionOptionsOf(settings, options.prediction);
  options.scale = ScaleOf(settings);
  return options;
}

Made MakeTsgp(const Settings& settings) { return MakeTsgpRule(TsgpRuleOptionsOf(settings)); }
Made MakeExpDecay(const Settings& settings) { return MakeExpDecayRule(TsgpRuleOptionsOf(settings)); }
Made MakeDecayCurve(const Settings& settings) { return MakeDecayCurveRule(PredictionOptionsOf(settings, {})); }

Made MakePatient(const Settings& settings);
Made MakeMedian(const Settings&) { return std::make_unique<MedianRule>(); }
Made MakeNone(const Settings&) { return std::make_unique<NoRule>(); }

struct RuleEntry {
  const char* name;
  Made (*make)(const Settings&);
  std::vector<std::string> options;  // that it knows; "*": those of another rule
};

// The only list. A new rule is a file pair, a test and a line here.
const std::vector<RuleEntry>& Rules() {
  static const auto& rules = *new std::vector<RuleEntry>{
      {"ASHA", &MakeAsha, {"eta", "min_steps"}},
      {"DECAY_CURVE", &MakeDecayCurve, {"delta", "checks", "min_steps", "exempt", "top"}},
      {"EXP_DECAY", &MakeExpDecay, {"delta", "checks", "min_steps", "exempt", "top", "scale"}},
      {"HYPERBAND", &MakeHyperband, {"eta", "min_steps"}},
      {"MEDIAN", &MakeMedian, {}},
      {"NONE", &MakeNone, {}},
      {"PATIENT", &MakePatient, {"inner", "patience", "min_delta", "*"}},
      {"TSGP", &MakeTsgp, {"delta", "checks", "min_steps", "exempt", "top", "scale"}},
  };
  return rules;
}

const RuleEntry* FindRule(const std::string& name) {
  for (const RuleEntry& rule : Rules()) {
    if (name == rule.name) return &rule;
  }
  return nullptr;
}

absl::Status UnknownRule(const std::string& field, const std::string& name) {
  const std::vector<std::string> known = StoppingRuleNames();
  return FieldError(absl::StrCat("early_stopping.", field),
                    absl::StrCat(Quoted(name), " is not a stopping rule of this server; it has ",
                                 absl::StrJoin(known, ", "), DidYouMean(name, known)));
}

// The options that are not PATIENT's own are those of the rule it wraps.
Made MakePatient(const Settings& settings) {
  if (!settings.patience.has_value()) return FieldError("early_stopping.patience", "is required by PATIENT");
  if (settings.inner == settings.rule) return FieldError("early_stopping.inner", "must be another rule than PATIENT");
  std::unique_ptr<StoppingRule> inner;
  if (!settings.inner.empty()) {
    if (FindRule(settings.inner) == nullptr) return UnknownRule("inner", settings.inner);
    Settings wrapped = settings;
    wrapped.rule = std::exchange(wrapped.inner, "");
    wrapped.patience.reset();
    wrapped.min_delta.reset();
    ASSIGN_OR_RETURN(inner, MakeStoppingRule(wrapped));
  }
  return std::make_unique<PatientRule>(
      std::move(inner), PatientOptions{.patience = *settings.patience, .min_delta = settings.min_delta.value_or(0)});
}

std::vector<std::string> OptionsIn(const Settings& settings) {
  std::vector<std::string> options;
  const auto add = [&](bool is_set, const char* name) {
    if (is_set) options.push_back(name);
  };
  add(settings.eta.has_value(), "eta");
  add(settings.min_steps.has_value(), "min_steps");
  add(!settings.inner.empty(), "inner");
  add(settings.patience.has_value(), "patience");
  add(settings.min_delta.has_value(), "min_delta");
  add(settings.delta.has_value(), "delta");
  add(settings.checks.has_value(), "checks");
  add(settings.exempt.has_value(), "exempt");
  add(settings.top.has_value(), "top");
  add(!settings.scale.empty(), "scale");
  return options;
}

bool Knows(const RuleEntry& rule, const std::string& option) {
  return std::find(rule.options.begin(), rule.options.end(), option) != rule.options.end();
}

absl::Status CheckOptions(const RuleEntry& rule, const Settings& settings) {
  if (Knows(rule, "*") && !settings.inner.empty()) return absl::OkStatus();  // the inner rule is asked
  for (const std::string& option : OptionsIn(settings)) {
    if (Knows(rule, option)) continue;
    std::vector<std::string> owners;
    for (const RuleEntry& other : Rules()) {
      if (Knows(other, option)) owners.push_back(other.name);
    }
    return FieldError(absl::StrCat("early_stopping.", option),
                      absl::StrCat("belongs to ", absl::StrJoin(owners, ", "), ", not to ", rule.name, "; remove it"));
  }
  return absl::OkStatus();
}

}  // namespace

Made MakeStoppingRule(const Settings& settings) {
  const RuleEntry* rule = FindRule(settings.rule);
  if (rule == nullptr) return UnknownRule("rule", settings.rule);
  RETURN_IF_ERROR(CheckOptions(*rule, settings));
  return rule->make(settings);
}

std::vector<std::string> StoppingRuleNames() {
  std::vector<std::string> names;
  for (const RuleEntry& entry : Rules()) names.push_back(entry.name);
  return names;
}

}  // namespace photinus
