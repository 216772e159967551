#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "client/cli/application_fixture.h"
#include "common/base/errors.h"
#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class TransferCommands : public ApplicationTest {
 protected:
  TransferCommands() {
    client_.exported.emplace_back().set_lines("{\"study\":\n");
    client_.exported.emplace_back().set_lines("{\"end\":\n");
    client_.exported.back().set_trials(20);
    client_.studies["owners/ada/studies/kws"].set_active(0);
  }

  std::string Content(const std::string& name) {
    std::ifstream file(folder_.File(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_.File(name)) << text; }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
};

TEST_F(TransferCommands, ExportPrintsTheLinesOfTheServer) {
  EXPECT_EQ(Run({"study", "export", "kws"}), kExitOk);
  EXPECT_EQ(console_.out, "{\"study\":\n{\"end\":\n");
  EXPECT_EQ(console_.notes, "exported 20 trials; their artifacts are left out (--artifacts takes them along)\n");
  EXPECT_EQ(Run({"study", "export", "kws", "-o", "json", "--artifacts"}), kExitOk);
  EXPECT_THAT(client_.calls, Contains("export owners/ada/studies/kws with artifacts"));
  EXPECT_EQ(console_.notes, "exported 20 trials\n");
}

TEST_F(TransferCommands, ExportWarnsOfTrialsThatRun) {
  client_.studies["owners/ada/studies/kws"].set_active(1);
  EXPECT_EQ(Run({"study", "export", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("1 trial running; the copy will have it"));
  client_.studies["owners/ada/studies/kws"].set_stopping(2);
  EXPECT_EQ(Run({"study", "export", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("3 trials running; the copy will have them as they are now"));
}

TEST_F(TransferCommands, ExportReplacesAFileOnlyWhenToldSo) {
  Write("out", "precious");
  EXPECT_EQ(Run({"study", "export", "kws", "--output", folder_.File("out")}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("out exists already; choose another name or give --force"));
  EXPECT_EQ(Content("out"), "precious");
  EXPECT_EQ(Run({"study", "export", "kws", "--output", folder_.File("out"), "--force"}), kExitOk);
  EXPECT_EQ(Content("out"), "{\"study\":\n{\"end\":\n");
}

TEST_F(TransferCommands, ExportWritesAFileThatAppearsOnceItIsWhole) {
  EXPECT_EQ(Run({"study", "export", "kws", "--output", folder_.File("out")}), kExitOk);
  EXPECT_EQ(Content("out"), "{\"study\":\n{\"end\":\n");
  client_.export_end = absl::UnavailableError("gone");
  EXPECT_EQ(Run({"study", "export", "kws", "--output", folder_.File("half")}), kExitUnavailable);
  const std::filesystem::directory_iterator files(folder_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(TransferCommands, ExportSaysIfTheStudyChangedMeanwhile) {
  client_.exported.back().set_changed(true);
  EXPECT_EQ(Run({"study", "export", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("owners/ada/studies/kws changed meanwhile"));
}

TEST_F(TransferCommands, ExportAsATableHasEveryColumnOfEveryTrial) {
  pb::Trial odd = FinishedTrial(9, 0.25, 0.5, "=HYPERLINK(\"x\")");
  AddMetric(*odd.mutable_final_measurement(), "extra", 2);
  client_.trials["owners/ada/studies/kws"].push_back(odd);
  EXPECT_EQ(Run({"study", "export", "kws", "-o", "csv", "--output", folder_.File("out.csv")}), kExitOk);
  EXPECT_EQ(
      Content("out.csv"),
      "name,id,state,client_id,step,metrics.accuracy,metrics.reward,metrics.extra,parameters.lr,parameters.stem,"
      "started,ended,seconds,infeasible_reason,stop.outcome,stop.step,stop.horizon,stop.metric,stop.predicted_final,"
      "stop.predicted_stddev,stop.reference,stop.reason\r\n"
      "owners/ada/studies/kws/trials/3,3,SUCCEEDED,w1.0,12,0.75,0.5,,0.1,spectral,2023-11-14T22:13:20Z,"
      "2023-11-14T22:13:32Z,12.5,,,,,,,,,\r\n"
      "owners/ada/studies/kws/trials/7,7,SUCCEEDED,w1.0,12,0.75,0.85,,0.01,temporal,2023-11-14T22:13:20Z,"
      "2023-11-14T22:13:32Z,12.5,,,,,,,,,\r\n"
      "owners/ada/studies/kws/trials/9,9,SUCCEEDED,w1.0,12,0.75,0.25,2,0.5,\"'=HYPERLINK(\"\"x\"\")\","
      "2023-11-14T22:13:20Z,2023-11-14T22:13:32Z,12.5,,,,,,,,,\r\n");
}

TEST_F(TransferCommands, ExportAsATableSaysIfItsColumnsAreNotAllAnyMore) {
  std::vector<pb::Trial>& trials = client_.trials["owners/ada/studies/kws"];
  EXPECT_EQ(Run({"study", "export", "kws", "-o", "csv"}), kExitOk);
  EXPECT_EQ(console_.notes, "exported 2 trials\n");
  client_.meanwhile = [&] { AddMetric(*trials[0].mutable_final_measurement(), "new", 1); };
  EXPECT_EQ(Run({"study", "export", "kws", "-o", "csv"}), kExitOk);
  EXPECT_THAT(console_.out, Not(HasSubstr("new")));
  EXPECT_THAT(console_.notes,
              HasSubstr("owners/ada/studies/kws changed meanwhile: each trial is as it was when it was read, but what "
                        "had no column by then is left out; pause the study for an export of one moment"));
  client_.meanwhile = [&] { trials.pop_back(); };
  EXPECT_EQ(Run({"study", "export", "kws", "-o", "csv"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("exported 1 trial\nowners/ada/studies/kws changed meanwhile"));
}

TEST_F(TransferCommands, ExportRefusesWhatMakesNoSense) {
  EXPECT_EQ(Run({"study", "export", "kws", "-o", "table"}), kExitUsage);
  EXPECT_THAT(console_.notes,
              HasSubstr("-o: an export is json, which 'study import' reads, or csv, a table of the trials"));
  EXPECT_EQ(Run({"study", "export", "kws", "-o", "csv", "--artifacts"}), kExitUsage);
  EXPECT_EQ(Run({"study", "export", "kws", "--output", folder_.File("missing/out")}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("there is no folder " + folder_.File("missing")));
}

TEST_F(TransferCommands, ImportSendsTheFile) {
  const std::string text(600'000, 'x');
  Write("kws.jsonl", text);
  EXPECT_EQ(Run({"study", "import", folder_.File("kws.jsonl")}), kExitOk);
  EXPECT_EQ(client_.imported, text);
  EXPECT_EQ(console_.out, "owners/ada/studies/kws\n");
  EXPECT_EQ(Run({"study", "import", folder_.File("kws.jsonl"), "--name", "owners/bob/studies/copy"}), kExitOk);
  EXPECT_THAT(client_.calls, Contains("import bob copy"));
}

TEST_F(TransferCommands, ImportSaysWhereTheFileIsWrong) {
  Write("bad.jsonl", "{}");
  client_.failure = FieldError("line 3", "trial.attempt: must be at least 1");
  EXPECT_EQ(Run({"study", "import", folder_.File("bad.jsonl")}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("bad.jsonl:3: trial.attempt: must be at least 1"));
  EXPECT_EQ(Run({"study", "import", folder_.File("missing.jsonl")}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("missing.jsonl cannot be opened: No such file or directory"));
  EXPECT_EQ(Run({"study", "import", folder_.path()}), kExitUsage);
}

TEST_F(TransferCommands, BackupNeverReplacesAFile) {
  EXPECT_EQ(Run({"server", "backup", folder_.File("db.backup")}), kExitOk);
  EXPECT_EQ(Content("db.backup"), "backup");
  EXPECT_EQ(Run({"server", "backup", folder_.File("db.backup")}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("db.backup exists already"));
}

}  // namespace
}  // namespace photinus
