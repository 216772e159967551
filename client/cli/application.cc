#include "client/cli/application.h"

#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/cli/command.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:28080";
constexpr char kFooter[] =
    "A study is a short id (kws) or a full name (owners/ada/studies/kws).\n"
    "Exit codes: 0 ok, 2 usage, 3 not found, 4 server unavailable, 130 Ctrl-C, 1 anything else.\n"
    "\nExamples:\n"
    "  photinus study create -f study.yaml\n"
    "  photinus study watch kws\n"
    "  photinus trial list kws --filter 'accuracy > 0.9' --sort -reward";

// Whose studies short ids mean, unless told: the person who runs the program.
std::string DefaultOwner() {
  if (const char* user = std::getenv("USER"); user != nullptr && *user != '\0') return user;
  if (const passwd* entry = getpwuid(getuid()); entry != nullptr) return entry->pw_name;
  return "default";
}

// The name by which Args knows an option: "-n,--limit" is "limit".
std::string LongName(const Option& option) {
  const std::string flags = option.flags;
  return flags.substr(flags.rfind("--") + 2);
}

// What the command line says; filled by CLI11.
struct Parsed {
  std::string server = kDefaultServer;
  std::string owner = DefaultOwner();
  std::string output;  // empty: the command's default
  const Command* command = nullptr;
  std::map<std::string, std::string> values;
  std::map<std::string, bool> flags;
};

bool Declares(const Command& command, std::string_view flag) {
  for (const Option& option : command.options) {
    const std::vector<std::string> flags = absl::StrSplit(option.flags, ',');
    if (std::count(flags.begin(), flags.end(), flag) > 0) return true;
  }
  return false;
}

// The option for the format of the result, without what the command has for something else.
std::string FormatFlags(const Command& command) {
  if (Declares(command, "-o")) return "--output";
  return Declares(command, "--output") ? "-o" : "-o,--output";
}

void AddCommand(CLI::App& group, const Command& command, Parsed& parsed) {
  CLI::App* app = group.add_subcommand(command.verb, command.summary);
  app->fallthrough();
  app->footer(absl::StrCat("Examples:\n  ", absl::StrReplaceAll(command.examples, {{"\n", "\n  "}}),
                           "\n\n--server and --owner: see photinus --help"));
  for (const Argument& argument : command.arguments) {
    app->add_option(argument.name, parsed.values[argument.name], argument.help)->required()->type_name("");
  }
  for (const Option& option : command.options) {
    const std::string name = LongName(option);
    if (option.value == nullptr) {
      app->add_flag(option.flags, parsed.flags[name], option.help);
    } else {
      CLI::Option* added = app->add_option(option.flags, parsed.values[name], option.help)->type_name(option.value);
      if (option.required) added->required();
    }
  }
  app->add_option(FormatFlags(command), parsed.output, command.formats)->type_name("FORMAT")->take_last();
  app->callback([&parsed, &command] { parsed.command = &command; });
}

void AddCommands(CLI::App& app, Parsed& parsed) {
  std::map<std::string, CLI::App*> groups;
  const std::map<std::string, std::string> summaries = {{"study", "Create, follow and end studies"},
                                                        {"trial", "Look at trials and fetch what they made"},
                                                        {"worker", "Look at workers"},
                                                        {"server", "Look after the server"}};
  for (const Command* command : Commands()) {
    CLI::App*& group = groups[command->group];
    if (group == nullptr) {
      group = app.add_subcommand(command->group, summaries.at(command->group));
      group->require_subcommand(1)->fallthrough();
    }
    AddCommand(*group, *command, parsed);
  }
}

std::unique_ptr<CLI::App> MakeApp(Parsed& parsed) {
  auto app = std::make_unique<CLI::App>("The command line of Photinus, a black-box optimization service.", "photinus");
  app->add_option("--server", parsed.server, "the server's address")
      ->envname("PHOTINUS_SERVER")
      ->type_name("HOST:PORT")
      ->take_last()
      ->capture_default_str();
  app->add_option("--owner", parsed.owner, "whose studies short ids mean")
      ->envname("PHOTINUS_OWNER")
      ->type_name("NAME")
      ->take_last()
      ->capture_default_str();
  app->set_version_flag("--version", absl::StrCat("photinus ", PHOTINUS_VERSION));
  app->require_subcommand(1);
  app->footer(kFooter);
  AddCommands(*app, parsed);
  return app;
}

// The words of the command line that are no options and no values of the options that every command has.
std::vector<std::string> Words(const std::vector<std::string>& arguments) {
  const std::set<std::string> with_value = {"--server", "--owner", "--output", "-o"};
  std::vector<std::string> words;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (with_value.count(arguments[i]) > 0) {
      ++i;
    } else if (arguments[i].rfind('-', 0) != 0) {
      words.push_back(arguments[i]);
    }
  }
  return words;
}

// What is wrong with the first two words; empty if they are a command.
std::string UnknownCommand(const std::vector<std::string>& arguments) {
  const std::vector<std::string> words = Words(arguments);
  std::set<std::string> groups, verbs;
  for (const Command* command : Commands()) {
    groups.insert(command->group);
    if (!words.empty() && words[0] == command->group) verbs.insert(command->verb);
  }
  if (words.empty()) return absl::StrCat("a command is missing: ", absl::StrJoin(groups, ", "));
  if (verbs.empty()) return absl::StrCat("there is no command '", words[0], "'", DidYouMean(words[0], groups));
  if (words.size() < 2) return absl::StrCat(words[0], " needs one of ", absl::StrJoin(verbs, ", "));
  if (verbs.count(words[1]) > 0) return "";
  const std::string advice = DidYouMean(words[1], verbs);
  return absl::StrCat("there is no command '", words[0], " ", words[1], "'",
                      advice.empty() ? absl::StrCat("; there are ", absl::StrJoin(verbs, ", ")) : advice);
}

// Prints help, version or the mistake; returns the exit code.
int Explain(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments,
            Console& console) {
  if (error.get_exit_code() != 0) {
    const std::string unknown = UnknownCommand(arguments);
    console.Note(Harmless(absl::StrCat("photinus: ", unknown.empty() ? error.what() : unknown)));
    console.Note("try: photinus --help");
    return kExitUsage;
  }
  std::ostringstream out, unused;
  app.exit(error, out, unused);
  console.Out(out.str());
  return kExitOk;
}

// Only what was given: options and arguments share their storage over commands, and an empty value was not given.
Args ToArgs(const Parsed& parsed) {
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : parsed.values) {
    if (!value.empty()) values[name] = value;
  }
  std::set<std::string> flags;
  for (const auto& [name, given] : parsed.flags) {
    if (given) flags.insert(name);
  }
  return Args(parsed.owner, std::move(values), std::move(flags));
}

absl::Status RunCommand(const Parsed& parsed, const ClientFactory& make_client, Console& console, const Clock& clock) {
  const auto format = ParseOutputFormat(parsed.output.empty() ? parsed.command->default_format : parsed.output);
  if (!format.ok()) return format.status();
  const auto client = make_client(parsed.server);
  if (!client.ok()) return client.status();
  Printer printer(*format, console);
  Session session{**client, printer, console, clock};
  return parsed.command->run(ToArgs(parsed), session);
}

// The exit code, but for what could not be printed.
int Run(const std::vector<std::string>& arguments, const ClientFactory& make_client, Console& console,
        const Clock& clock) {
  Parsed parsed;
  const std::unique_ptr<CLI::App> app = MakeApp(parsed);
  try {
    app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::ParseError& error) {
    return Explain(*app, error, arguments, console);
  }
  const absl::Status status = RunCommand(parsed, make_client, console, clock);
  const int code = ExitCodeOf(status);
  if (code != kExitOk && code != kExitInterrupted) {
    console.Note(absl::StrCat("photinus: ", Harmless(std::string(status.message()))));
  }
  return code;
}

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
      return kExitUsage;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    case absl::StatusCode::kCancelled:
      return kExitInterrupted;
    default:
      return kExitOther;
  }
}

int RunApplication(const std::vector<std::string>& arguments, const ClientFactory& make_client, Console& console,
                   const Clock& clock) {
  const int code = Run(arguments, make_client, console, clock);
  const absl::Status printed = console.OutStatus();
  if (code != kExitOk || printed.ok()) return code;
  console.Note(absl::StrCat("photinus: ", std::string(printed.message())));
  return ExitCodeOf(printed);
}

}  // namespace photinus
