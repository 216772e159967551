#include "client/cli/commands/awaited_lesson.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/trial_role.h"
#include "common/study_document/warm_up.h"

namespace photinus {
namespace {

// The last step, or second where those count, of a trial of the search that was not stopped.
std::optional<double> EndOf(const pb::Trial& trial) {
  const auto stop = StopDecisionOf(trial);
  const bool stopped = stop.has_value() && stop->outcome() == v1::StopDecision::STOPPED;
  if (trial.state() != pb::Trial::SUCCEEDED || stopped || !RoleOf(trial).empty()) return std::nullopt;
  if (const int64_t step = CurrentStep(trial).value_or(0); step > 0) return static_cast<double>(step);
  int64_t seconds = 0;
  for (const pb::Measurement& measurement : trial.measurements()) {
    seconds = std::max(seconds, measurement.elapsed_duration().seconds());
  }
  return static_cast<double>(seconds);
}

}  // namespace

absl::StatusOr<std::string> AwaitedLesson(const StudyName& name, const EarlyStoppingSettings& settings,
                                          StudyClient& client) {
  const int64_t wanted = FullTrialsToLearn(settings);
  if (wanted == 0) return "";
  std::vector<double> ends;
  RETURN_IF_ERROR(client.ReadTrials(name, [&](const pb::Trial& trial) {
    if (const auto end = EndOf(trial); end.has_value()) ends.push_back(*end);
    return absl::OkStatus();
  }));
  const int64_t full =
      std::count_if(ends.begin(), ends.end(), [&](double end) { return end >= kFullShare * settings.horizon; });
  if (full >= wanted) return "";
  const std::string awaited = absl::StrCat("nothing learnt: ", full, " of ", wanted, " full trials");
  if (full > 0 || ends.empty()) return awaited;
  return absl::StrCat(awaited, "; none of ", ends.size(), " came within a tenth of the horizon ", settings.horizon,
                      ", the longest came to ", *std::max_element(ends.begin(), ends.end()));
}

}  // namespace photinus
