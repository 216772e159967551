// The command line itself: help, usage errors, exit codes.
#include "client/cli/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/application_fixture.h"
#include "client/cli/command.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ApplicationTest, EveryVerbHasHelpWithExamples) {
  for (const Command* command : Commands()) {
    EXPECT_EQ(Run({command->group, command->verb, "--help"}), kExitOk);
    EXPECT_THAT(console_.out, HasSubstr(absl::StrCat("Examples:\n  photinus "))) << command->verb;
    EXPECT_THAT(console_.out, HasSubstr(absl::StrCat(command->group, " ", command->verb)));
    EXPECT_EQ(server_, "") << "help needs no server";
  }
}

TEST_F(ApplicationTest, PrintsItsVersion) {
  EXPECT_EQ(Run({"--version"}), kExitOk);
  EXPECT_EQ(console_.out, absl::StrCat("photinus ", PHOTINUS_VERSION, "\n"));
}

struct UsageCase {
  std::string name;
  std::vector<std::string> arguments;
  std::string message;
};

class UsageTest : public ApplicationTest, public ::testing::WithParamInterface<UsageCase> {};

TEST_P(UsageTest, IsExplainedAndExitsWithTwo) {
  EXPECT_EQ(Run(GetParam().arguments), kExitUsage);
  EXPECT_THAT(console_.notes, StartsWith("photinus: " + GetParam().message + "\n"));
  EXPECT_EQ(console_.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, UsageTest,
    ::testing::Values(
        UsageCase{"Nothing", {}, "a command is missing: server, study, trial, worker"},
        UsageCase{"Group", {"studi", "list"}, "there is no command 'studi'; did you mean 'study'?"},
        UsageCase{"NoVerb",
                  {"study"},
                  "study needs one of create, delete, export, import, importance, list, pause, report, resume, retest, "
                  "show, stop, stops, watch"},
        UsageCase{"Verb", {"study", "creat"}, "there is no command 'study creat'; did you mean 'create'?"},
        UsageCase{"FarVerb", {"worker", "terminate"}, "there is no command 'worker terminate'; there are list"},
        UsageCase{"MissingArgument", {"study", "show"}, "study is required"},
        UsageCase{"MissingOption", {"study", "create"}, "--file is required"},
        UsageCase{
            "UnknownOption", {"study", "show", "kws", "--wide"}, "The following argument was not expected: --wide"},
        UsageCase{"Format", {"study", "list", "-o", "xml"}, "-o: unknown format 'xml'; known are table, json, csv"},
        UsageCase{"StudyName",
                  {"study", "show", "owners/ada/kws"},
                  "'owners/ada/kws' is not a name of the form owners/{owner}/studies/{study}"},
        UsageCase{"TrialNumber", {"trial", "show", "kws", "first"}, "trial: must be a number or `best`, not 'first'"},
        UsageCase{"Limit", {"trial", "list", "kws", "-n", "0"}, "limit: must be an integer of at least 1, not '0'"},
        UsageCase{"CsvWatch", {"study", "watch", "kws", "-o", "csv"}, "-o: watch prints a table or json"},
        UsageCase{"NobodyToAsk", {"study", "delete", "kws"}, "--yes: is required where nobody can be asked"},
        UsageCase{"NoFile",
                  {"study", "create", "-f", "/nonexistent.yaml"},
                  "cannot read /nonexistent.yaml: No such file or directory"}),
    [](const auto& info) { return info.param.name; });

struct CodeCase {
  std::string name;
  absl::Status status;
  int code;
};

class ExitCodeTest : public ApplicationTest, public ::testing::WithParamInterface<CodeCase> {};

TEST_P(ExitCodeTest, TellsWhatKindOfFailureItWas) {
  client_.failure = GetParam().status;
  EXPECT_EQ(Run({"study", "show", "kws"}), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(Table, ExitCodeTest,
                         ::testing::Values(CodeCase{"Ok", absl::OkStatus(), 0},
                                           CodeCase{"Usage", absl::InvalidArgumentError("x"), 2},
                                           CodeCase{"NotFound", absl::NotFoundError("x"), 3},
                                           CodeCase{"Unavailable", absl::UnavailableError("x"), 4},
                                           CodeCase{"Deadline", absl::DeadlineExceededError("x"), 4},
                                           CodeCase{"WrongState", absl::FailedPreconditionError("x"), 1},
                                           CodeCase{"Internal", absl::InternalError("x"), 1},
                                           CodeCase{"CtrlC", absl::CancelledError("x"), 130}),
                         [](const auto& info) { return info.param.name; });

TEST_F(ApplicationTest, LeavesQuietlyWhenInterrupted) {
  client_.failure = absl::CancelledError("the call was cancelled");
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitInterrupted);
  EXPECT_EQ(console_.notes, "");
}

TEST_F(ApplicationTest, AServerThatIsNotThereIsExitCodeFour) {
  reachable_ = false;
  EXPECT_EQ(Run({"study", "list", "--server", "host:1"}), kExitUnavailable);
  EXPECT_EQ(console_.notes, "photinus: no server answers at host:1\n");
}

TEST_F(ApplicationTest, ErrorsOfTheServerCannotSteerTheTerminal) {
  client_.failure = absl::InternalError("\x1b[2Jgone");
  EXPECT_EQ(Run({"study", "show", "kws"}), kExitOther);
  EXPECT_EQ(console_.notes, "photinus: ?[2Jgone\n");
}

TEST_F(ApplicationTest, AStudyIsAShortIdOrAFullName) {
  EXPECT_EQ(Run({"study", "show", "kws"}), kExitOk);
  EXPECT_EQ(Run({"study", "show", "owners/ada/studies/kws"}), kExitOk);
  EXPECT_EQ(Run({"study", "show", "kws", "--owner", "bob"}), kExitNotFound);
  EXPECT_EQ(console_.notes, "photinus: owners/bob/studies/kws does not exist\n");
}

TEST_F(ApplicationTest, ListsWorkers) {
  auto& worker = client_.workers.emplace_back();
  worker.set_name("w1");
  worker.set_slots(4);
  worker.set_alive(true);
  worker.set_version("0.1.0");
  worker.add_trials("owners/ada/studies/kws/trials/8");
  worker.mutable_last_seen()->set_seconds(1'700'000'055);
  EXPECT_EQ(Run({"worker", "list"}), kExitOk);
  EXPECT_EQ(console_.out,
            "WORKER  ALIVE  SLOTS  RUNNING  SECONDS AGO  VERSION  TRIALS\n"
            "w1      yes        4        1            5  0.1.0    owners/ada/studies/kws/trials/8\n");
}

TEST_F(ApplicationTest, AResultThatCannotBePrintedIsAnError) {
  console_.out_status = absl::FailedPreconditionError("cannot write to standard output: No space left on device");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"study", "list"}, {"--version"}}) {
    EXPECT_EQ(Run(command), kExitOther);
    EXPECT_THAT(console_.notes, ::testing::HasSubstr("photinus: cannot write to standard output: No space left"));
  }
  EXPECT_EQ(Run({"study", "show", "none"}), kExitNotFound);
}

}  // namespace
}  // namespace photinus
