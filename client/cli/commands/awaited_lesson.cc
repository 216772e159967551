#include "client/cli/commands/awaited_lesson.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/commands/trial_filter.h"
#include "client/cli/records.h"
#include "common/base/measurements.h"
#include "common/base/quantile.h"
#include "common/base/status_macros.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/trial_role.h"
#include "common/study_document/warm_up.h"

namespace photinus {
namespace {

constexpr size_t kTrialsThatTellTheHorizon = 5;  // as the server has it

// The metric whose curve the rule looks at; empty: there is none.
std::string CurveOf(const pb::StudySpec& spec, const EarlyStoppingSettings& settings) {
  if (!settings.curve.empty() || spec.metrics().empty()) return settings.curve;
  return spec.metrics(0).metric_id();
}

bool Reports(const pb::Measurement& measurement, const std::string& metric) {
  return std::any_of(measurement.metrics().begin(), measurement.metrics().end(),
                     [&](const auto& reported) { return reported.metric_id() == metric; });
}

// The last step of the curve, or second where those count, of a trial of the search that was not stopped; 0: it has no
// curve.
std::optional<double> EndOf(const pb::Trial& trial, const std::string& curve) {
  const auto stop = StopDecisionOf(trial);
  const bool stopped = stop.has_value() && stop->outcome() == v1::StopDecision::STOPPED;
  if (trial.state() != pb::Trial::SUCCEEDED || stopped || !RoleOf(trial).empty()) return std::nullopt;
  const bool by_step = std::any_of(trial.measurements().begin(), trial.measurements().end(),
                                   [](const auto& measurement) { return measurement.step_count() != 0; });
  double end = 0;
  for (const pb::Measurement& measurement : trial.measurements()) {
    if (!Reports(measurement, curve)) continue;
    end = std::max(end, by_step ? static_cast<double>(measurement.step_count()) : ElapsedSeconds(measurement));
  }
  return end;
}

// The study's, else the median of the ends, if enough of them are known; 0: not known.
double HorizonOf(const EarlyStoppingSettings& settings, std::vector<double> ends) {
  if (settings.horizon > 0) return settings.horizon;
  std::erase(ends, 0);
  return ends.size() >= kTrialsThatTellTheHorizon ? Quantile(std::move(ends), 0.5) : 0;
}

}  // namespace

absl::StatusOr<std::string> AwaitedLesson(const StudyName& name, const pb::StudySpec& spec,
                                          const EarlyStoppingSettings& settings, StudyClient& client) {
  const int64_t wanted = FullTrialsToLearn(settings);
  if (wanted == 0) return "";
  // It learns from the goals that curves lead to, which trials that violate a constraint lack.
  const bool by_goals = settings.rule == "DECAY_CURVE" || settings.inner == "DECAY_CURVE";
  WinnerLimits limits;
  if (by_goals) {
    ASSIGN_OR_RETURN(limits, ReadWinnerLimits("", name, spec, client));
  }
  const std::string curve = CurveOf(spec, settings);
  std::vector<double> ends, ends_that_teach;
  RETURN_IF_ERROR(client.ReadTrials(name, [&](const pb::Trial& trial) {
    const auto end = EndOf(trial, curve);
    if (!end.has_value()) return absl::OkStatus();
    ends.push_back(*end);
    const bool has_goal = limits.Allow(std::stoll(trial.id())) && ObjectivesWithoutValue(trial, spec).empty();
    if (has_goal || !by_goals) ends_that_teach.push_back(*end);
    return absl::OkStatus();
  }));
  const double horizon = HorizonOf(settings, ends);
  const int64_t full = std::count_if(ends_that_teach.begin(), ends_that_teach.end(),
                                     [&](double end) { return end > 0 && end >= kFullShare * horizon; });
  if (full >= wanted) return "";
  const std::string awaited = absl::StrCat("nothing learnt: ", full, " of ", wanted, " full trials",
                                           limits.filter.empty() ? "" : " that satisfy all constraints");
  if (ends.empty()) return awaited;
  const double longest = *std::max_element(ends.begin(), ends.end());
  if (longest == 0) {
    return absl::StrCat(awaited, "; none of ", ends.size(), " has a curve, as they reported no '", curve,
                        "' with a step before they ended");
  }
  if (longest >= kFullShare * horizon) return awaited;
  return absl::StrCat(awaited, "; none of ", ends.size(), " came within a tenth of the horizon ", horizon,
                      ", the longest came to ", longest);
}

}  // namespace photinus
