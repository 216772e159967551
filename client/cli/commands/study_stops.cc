#include <nlohmann/json.hpp>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

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
    {{"study", "a study's id or full name"}},
    {},
    &Run};

}  // namespace photinus
