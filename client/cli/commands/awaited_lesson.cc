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

// The last step, or second where those count, of a trial of the search that was not stopped.
std::optional<double> EndOf(const pb::Trial& trial) {
  const auto stop = StopDecisionOf(trial);
  const bool stopped = stop.has_value() && stop->outcome() == v1::StopDecision::STOPPED;
  if (trial.state() != pb::Trial::SUCCEEDED || stopped || !RoleOf(trial).empty()) return std::nullopt;
  if (const int64_t step = CurrentStep(trial).value_or(0); step > 0) return static_cast<double>(step);
  double seconds = 0;
  for (const pb::Measurement& measurement : trial.measurements()) {
    seconds = std::max(seconds, ElapsedSeconds(measurement));
  }
  return seconds;
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
  std::vector<double> ends, ends_that_teach;
  RETURN_IF_ERROR(client.ReadTrials(name, [&](const pb::Trial& trial) {
    const auto end = EndOf(trial);
    if (!end.has_value()) return absl::OkStatus();
    ends.push_back(*end);
    const bool has_goal = limits.Allow(std::stoll(trial.id())) && ObjectivesWithoutValue(trial, spec).empty();
    if (has_goal || !by_goals) ends_that_teach.push_back(*end);
    return absl::OkStatus();
  }));
  const double horizon = HorizonOf(settings, ends);
  const int64_t full = std::count_if(ends_that_teach.begin(), ends_that_teach.end(),
                                     [&](double end) { return end >= kFullShare * horizon; });
  if (full >= wanted) return "";
  const std::string awaited = absl::StrCat("nothing learnt: ", full, " of ", wanted, " full trials",
                                           limits.filter.empty() ? "" : " that satisfy all constraints");
  const double longest = ends.empty() ? 0 : *std::max_element(ends.begin(), ends.end());
  if (ends.empty() || longest >= kFullShare * horizon) return awaited;
  return absl::StrCat(awaited, "; none of ", ends.size(), " came within a tenth of the horizon ", horizon,
                      ", the longest came to ", longest);
}

}  // namespace photinus
