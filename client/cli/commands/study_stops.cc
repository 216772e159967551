#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/commands/awaited_lesson.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// What the rule waits for; empty: it has predicted, or waits for nothing that is known here.
absl::StatusOr<std::string> Awaited(const StudyName& name, const v1::GetStudyStopsResponse& response,
                                    StudyClient& client) {
  const auto predicted = [](const auto& stop) { return stop.decision().has_predicted_final(); };
  const bool has_predicted =
      response.audit().predicted() > 0 || std::any_of(response.stops().begin(), response.stops().end(), predicted);
  if (has_predicted) return "";
  ASSIGN_OR_RETURN(const v1::StudyStatus status, client.GetStudyStatus(name));
  const pb::StudySpec& spec = status.study().study_spec();
  const auto stopping = StoppingInForce(spec);
  if (!stopping.has_value()) return "";
  return AwaitedLesson(name, spec, *stopping, client);
}

// As CSV the trials alone: what concerns all of them fits into no line.
absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  ASSIGN_OR_RETURN(const v1::GetStudyStopsResponse response, session.client.GetStudyStops(name));
  std::vector<Record> stops;
  for (const auto& stop : response.stops()) stops.push_back(StopRecord(stop));
  if (session.printer.format() == OutputFormat::kCsv) {
    session.printer.List(stops, {});
    return absl::OkStatus();
  }
  Record record = AuditRecord(response.audit());
  ASSIGN_OR_RETURN(const std::string awaited, Awaited(name, response, session.client));
  record["waiting"] = awaited.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(awaited);
  record["stops"] = stops;
  session.printer.One(record);
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyStopsCommand = {
    "study",
    "stops",
    "Show what the stopping rule decided: the trials that were stopped and why, the share of false stops as exempt "
    "trials show it, how well predictions fit, and the compute saved",
    "photinus study stops kws\n"
    "photinus study stops kws -o json",
    {kStudyArgument},
    {},
    &Run};

}  // namespace photinus
