#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/cli/at_field.h"
#include "client/cli/command.h"
#include "client/cli/records.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr double kBarWidth = 30;
constexpr double kWeak = 0.6;  // share of the variance that a model explains

std::string Bar(double share) {
  const auto length = static_cast<size_t>(std::lround(share * kBarWidth));
  return length == 0 ? "." : std::string(length, '#');
}

std::string Reliability(const v1::GetParameterImportanceResponse::Objective& objective) {
  return absl::StrFormat("%s: from %d trials, of whose variance the model explains %.0f %%%s", objective.metric(),
                         objective.trials(), 100 * objective.explained(),
                         objective.explained() < kWeak ? ": take the shares with care" : "");
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  const auto importance = session.client.GetParameterImportance(name, args.Text("objective"));
  if (ErrorField(importance.status()) == "objective") return AtField("--objective", importance.status());
  RETURN_IF_ERROR(importance.status());
  const bool is_table = session.printer.format() == OutputFormat::kTable;
  std::vector<Record> records;
  for (const auto& objective : importance->objectives()) {
    for (const auto& parameter : objective.parameters()) {
      records.push_back(ImportanceRecord(objective, parameter));
      if (is_table) records.back()["bar"] = Bar(parameter.total_effect());
    }
    if (is_table) session.console.Note(Reliability(objective));
  }
  session.printer.List(records, {{"objective", "OBJECTIVE"},
                                 {"parameter", "PARAMETER"},
                                 {"main_effect", "ALONE"},
                                 {"total_effect", "IN ALL"},
                                 {"bar", ""}});
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyImportanceCommand = {
    "study",
    "importance",
    "Show how much each parameter matters for the objectives: shares of their variance over the search space, of the "
    "parameter alone, and with its interactions",
    "photinus study importance kws\n"
    "photinus study importance kws --objective accuracy -o json",
    {kStudyArgument},
    {{"--objective", "METRIC", "only of this objective"}},
    &Run};

}  // namespace photinus
