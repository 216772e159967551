#include <nlohmann/json.hpp>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args&, Session& session) {
  ASSIGN_OR_RETURN(const auto workers, session.client.ListWorkers());
  std::vector<Record> records;
  records.reserve(workers.size());
  for (const auto& worker : workers) records.push_back(WorkerRecord(worker, session.clock.Now()));
  if (records.empty()) session.console.Note("no worker has asked this server for a trial yet");
  session.printer.List(records, {{"worker", "WORKER"},
                                 {"alive", "ALIVE"},
                                 {"slots", "SLOTS"},
                                 {"running", "RUNNING"},
                                 {"seconds_ago", "SECONDS AGO"},
                                 {"version", "VERSION"},
                                 {"trials", "TRIALS"}});
  return absl::OkStatus();
}

}  // namespace

extern const Command kWorkerListCommand = {"worker",
                                           "list",
                                           "List the workers that the server knows, and what they run",
                                           "photinus worker list\n"
                                           "photinus --server host:28080 worker list -o json",
                                           {},
                                           {},
                                           &Run};

}  // namespace photinus
