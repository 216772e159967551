#include "server/stopping/asha_rule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/stopping/rungs.h"

namespace photinus {
namespace {

constexpr double kShareOfHorizon = 0.01;  // as Optuna's min_resource "auto"

}  // namespace

absl::StatusOr<StoppingDecision> AshaRule::Decide(const StoppingRequest& request) const {
  const double first =
      options_.first_rung > 0 ? options_.first_rung : std::max(1.0, kShareOfHorizon * HorizonOf(request.study));
  StoppingDecision decision =
      DecideAtRung(request, {.first = first, .eta = options_.eta}, [](const LearningCurve&) { return true; });
  decision.reason = absl::StrCat("ASHA: ", decision.reason);
  return decision;
}

}  // namespace photinus
