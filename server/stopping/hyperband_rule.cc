#include "server/stopping/hyperband_rule.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/stopping/rungs.h"

namespace photinus {
namespace {

constexpr double kRounding = 1e-9;  // of logarithms

double BudgetOf(int bracket, int brackets, double eta) {
  const int halvings = brackets - 1 - bracket;
  return std::ceil(brackets * std::pow(eta, halvings) / (halvings + 1));
}

}  // namespace

int BracketCount(double horizon, const HyperbandOptions& options) {
  const double halvings = (std::log(horizon) - std::log(options.first_rung)) / std::log(options.eta);
  return std::max(0, static_cast<int>(std::floor(halvings + kRounding))) + 1;
}

int BracketOf(double share, int brackets, double eta) {
  double total = 0;
  for (int s = 0; s < brackets; ++s) total += BudgetOf(s, brackets, eta);
  double left = share * total;
  for (int s = 0; s < brackets - 1; ++s) {
    left -= BudgetOf(s, brackets, eta);
    if (left < 0) return s;
  }
  return brackets - 1;
}

absl::StatusOr<StoppingDecision> HyperbandRule::Decide(const StoppingRequest& request) const {
  const double horizon = HorizonOf(request.study);
  if (horizon == 0) return StoppingDecision{.reason = "HYPERBAND: the horizon is not known yet"};
  const int brackets = BracketCount(horizon, options_);
  const auto bracket_of = [&](const LearningCurve& curve) {
    return BracketOf(ShareOfTrial(request.study.seed, curve.trial_id), brackets, options_.eta);
  };
  const int bracket = bracket_of(request.trial);
  const Rungs rungs{.first = options_.first_rung * std::pow(options_.eta, bracket), .eta = options_.eta};
  StoppingDecision decision =
      DecideAtRung(request, rungs, [&](const LearningCurve& other) { return bracket_of(other) == bracket; });
  decision.reason = absl::StrCat("HYPERBAND: bracket ", bracket, ": ", decision.reason);
  return decision;
}

}  // namespace photinus
