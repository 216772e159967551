#include "server/stopping/patient_rule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr double kWorst = -std::numeric_limits<double>::infinity();

}  // namespace

PatientRule::PatientRule(std::unique_ptr<StoppingRule> inner, const PatientOptions& options)
    : inner_(std::move(inner)), options_(options) {}

absl::StatusOr<StoppingDecision> PatientRule::Decide(const StoppingRequest& request) const {
  const double step = LastStep(request.trial), horizon = request.study.horizon;
  if (horizon > 0 && step >= horizon) {
    return StoppingDecision{.reason = absl::StrCat("PATIENT: step ", step, " has reached the horizon ", horizon)};
  }
  const bool diverged = !request.trial.points.empty() && !std::isfinite(request.trial.points.back().value);
  if (diverged && inner_ != nullptr) return AskInner("PATIENT: the last value is not finite", request);
  std::vector<double> values;  // larger is better
  for (const CurvePoint& point : request.trial.points) {
    values.push_back(!std::isfinite(point.value) ? kWorst : request.study.maximize ? point.value : -point.value);
  }
  const int64_t before = static_cast<int64_t>(values.size()) - options_.patience - 1;
  if (before < 1) {
    return StoppingDecision{.reason = absl::StrCat("PATIENT: ", values.size(), " of the first ", options_.patience + 2,
                                                   " values are there")};
  }
  const double earlier = *std::max_element(values.begin(), values.begin() + before);
  const double latest = *std::max_element(values.begin() + before, values.end());
  if (latest > kWorst && !(earlier > latest + options_.min_delta)) {
    return StoppingDecision{.reason = absl::StrCat("PATIENT: one of the last ", options_.patience + 1,
                                                   " values is not worse than those before")};
  }
  const std::string reason = absl::StrCat("PATIENT: no improvement in the last ", options_.patience + 1, " values");
  if (inner_ == nullptr) return StoppingDecision{.stop = true, .reason = reason};
  return AskInner(reason, request);
}

absl::StatusOr<StoppingDecision> PatientRule::AskInner(const std::string& why, const StoppingRequest& request) const {
  ASSIGN_OR_RETURN(StoppingDecision decision, inner_->Decide(request));
  decision.reason = absl::StrCat(why, "; ", decision.reason);
  return decision;
}

bool PatientRule::LearnsAnew(int64_t then, int64_t now) const {
  return inner_ != nullptr && inner_->LearnsAnew(then, now);
}

std::shared_ptr<const StoppingModel> PatientRule::Learn(const StudyCurves& study,
                                                        const std::function<bool()>& cancelled) const {
  return inner_ == nullptr ? nullptr : inner_->Learn(study, cancelled);
}

}  // namespace photinus
