#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/progress.h"
#include "client/cli/records.h"
#include "common/base/errors.h"
#include "common/base/new_file.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr char kCsvLineEnd[] = "\r\n";  // RFC 4180

// The file that --output names, or standard output.
class Sink {
 public:
  static absl::StatusOr<Sink> Open(const Args& args, Console& console) {
    Sink sink(console);
    if (!args.Has("output")) return sink;
    const std::string path = args.Text("output");
    std::error_code error;
    if (!args.Flag("force") && std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
      return FieldError("--output", absl::StrCat(path, " exists already; choose another name or give --force"));
    }
    ASSIGN_OR_RETURN(NewFile file, NewFile::Create(path));
    sink.file_.emplace(std::move(file));
    return sink;
  }

  absl::Status Write(std::string_view text) {
    bytes_ += static_cast<int64_t>(text.size());
    if (file_.has_value()) return file_->Append(text);
    console_.Out(text);
    return console_.OutStatus();
  }
  absl::Status Close() { return file_.has_value() ? file_->Commit() : absl::OkStatus(); }
  int64_t bytes() const { return bytes_; }

 private:
  explicit Sink(Console& console) : console_(console) {}

  Console& console_;
  std::optional<NewFile> file_;
  int64_t bytes_ = 0;
};

std::string Trials(int64_t count) { return absl::StrCat(count, count == 1 ? " trial" : " trials"); }

// Whether the study changed meanwhile.
absl::StatusOr<bool> ExportJson(const StudyName& name, bool artifacts, Session& session, Sink& sink) {
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  if (const int running = status.active() + status.stopping(); running > 0) {
    session.console.Note(absl::StrCat(
        Trials(running), " running; the copy will have ", running == 1 ? "it as it is" : "them as they are",
        " now, to be run from the start once the lease ends. For a copy without: photinus study pause ", name.study,
        ", and export when all have finished"));
  }
  Progress progress(session.console, session.clock);
  bool changed = false;
  int64_t trials = 0;
  RETURN_IF_ERROR(session.client.ExportStudy(name, artifacts, [&](const v1::ExportStudyResponse& part) {
    progress.Update([&] {
      return absl::StrCat("exported ", part.trials(), " of ", part.total(), " trials, ", Megabytes(sink.bytes()));
    });
    changed = part.changed();
    trials = part.trials();
    return sink.Write(part.lines());
  }));
  const char* const left_out = artifacts ? "" : "; their artifacts are left out (--artifacts takes them along)";
  session.console.Note(absl::StrCat("exported ", Trials(trials), left_out));
  return changed;
}

// Reads all trials twice, so that no more than a page of them is held in memory: first for the columns. Whether what
// the second reading found fits no more.
absl::StatusOr<bool> ExportCsv(const StudyName& name, Session& session, Sink& sink) {
  Progress progress(session.console, session.clock);
  CsvColumns columns;
  int64_t found = 0, written = 0;
  RETURN_IF_ERROR(session.client.ReadTrials(name, [&](const pb::Trial& trial) {
    ++found;
    progress.Update([&] { return absl::StrCat("read ", found, " trials"); });
    columns.Add(TrialLine(trial));
    return absl::OkStatus();
  }));
  if (found == 0) return false;
  bool changed = false;
  RETURN_IF_ERROR(sink.Write(absl::StrCat(columns.Header(), kCsvLineEnd)));
  RETURN_IF_ERROR(session.client.ReadTrials(name, [&](const pb::Trial& trial) {
    ++written;
    progress.Update([&] { return absl::StrCat("exported ", written, " of ", found, " trials"); });
    const Record line = TrialLine(trial);
    changed = changed || !columns.Fit(line);
    return sink.Write(absl::StrCat(columns.Line(line), kCsvLineEnd));
  }));
  session.console.Note(absl::StrCat("exported ", Trials(written)));
  return changed || written != found;
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  const bool csv = session.printer.format() == OutputFormat::kCsv;
  if (session.printer.format() == OutputFormat::kTable) {
    return FieldError("-o", "an export is json, which 'study import' reads, or csv, a table of the trials");
  }
  if (csv && args.Flag("artifacts")) return FieldError("--artifacts", "a table (-o csv) has no place for them");
  ASSIGN_OR_RETURN(Sink sink, Sink::Open(args, session.console));
  ASSIGN_OR_RETURN(const bool changed,
                   csv ? ExportCsv(name, session, sink) : ExportJson(name, args.Flag("artifacts"), session, sink));
  if (changed) {
    session.console.Note(absl::StrCat(name.ToString(), " changed meanwhile: each trial is as it was when it was read",
                                      csv ? ", but what had no column by then is left out" : "",
                                      "; pause the study for an export of one moment"));
  }
  return sink.Close();
}

}  // namespace

extern const Command kStudyExportCommand = {
    "study",
    "export",
    "Write a study with all that belongs to it as lines of JSON, or its trials as a table",
    "photinus study export kws --output kws.jsonl\n"
    "photinus study export kws --artifacts | gzip > kws.jsonl.gz\n"
    "photinus study export kws -o csv --output kws.csv",
    {kStudyArgument},
    {{"--output", "FILE", "the file, which appears once it is whole; standard output unless given"},
     {"--force", nullptr, "replace a file that exists"},
     {"--artifacts", nullptr, "also what the trials' artifacts contain"}},
    &Run,
    "json",
    "json, which 'study import' reads, or csv: the trials as a table"};

}  // namespace photinus
