// The program `photinus`: its command line, and what becomes of it.
#ifndef PHOTINUS_CLIENT_CLI_APPLICATION_H_
#define PHOTINUS_CLIENT_CLI_APPLICATION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/console.h"
#include "client/cli/study_client.h"
#include "common/base/clock.h"

namespace photinus {

// docs/cli.md lists them.
enum ExitCode : int {
  kExitOk = 0,
  kExitOther = 1,
  kExitUsage = 2,
  kExitNotFound = 3,
  kExitUnavailable = 4,
  kExitInterrupted = 130,
};

int ExitCodeOf(const absl::Status& status);

// A client of this server, which it need not reach yet. The caller of RunApplication owns the client.
using ClientFactory = std::function<absl::StatusOr<StudyClient*>(const std::string& server)>;

// Runs the command that `arguments` (without the program's name) ask for and returns the exit code. `make_client` is
// called only once the command line is found good.
int RunApplication(const std::vector<std::string>& arguments, const ClientFactory& make_client, Console& console,
                   const Clock& clock);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_APPLICATION_H_
