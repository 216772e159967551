// What a verb of the program is.
#ifndef PHOTINUS_CLIENT_CLI_COMMAND_H_
#define PHOTINUS_CLIENT_CLI_COMMAND_H_

#include <vector>

#include "absl/status/status.h"
#include "client/cli/args.h"
#include "client/cli/console.h"
#include "client/cli/printer.h"
#include "client/cli/study_client.h"
#include "common/base/clock.h"

namespace photinus {

// What a command works with. Borrows everything.
struct Session {
  StudyClient& client;
  Printer& printer;
  Console& console;
  const Clock& clock;
};

struct Argument {
  const char* name;  // as Args knows it
  const char* help;
};

inline constexpr Argument kStudyArgument = {"study", "a study's id or full name"};  // Args::Study

struct Option {
  const char* flags;  // "--filter" or "-n,--limit"; Args knows it by its long name without dashes
  const char* value;  // what stands for the value in the help; null: a flag
  const char* help;
  bool required = false;
};

struct Command {
  const char* group;  // "study", "trial", "worker", "server"
  const char* verb;
  const char* summary;
  const char* examples;  // lines of the help
  std::vector<Argument> arguments;
  std::vector<Option> options;
  absl::Status (*run)(const Args& args, Session& session);
  const char* default_format = "table";
  const char* formats = "table, json or csv";
};

// The only list of commands, in the order of the help. A new command is a file in commands/, a test and a line here.
const std::vector<const Command*>& Commands();

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_COMMAND_H_
