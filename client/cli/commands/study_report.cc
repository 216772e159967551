#include "client/cli/report/study_report.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/commands/trial_filter.h"
#include "common/base/errors.h"
#include "common/base/new_file.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

absl::Status Write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? absl::OkStatus() : FileError(path.string(), "written");
}

// The `profile.json` of one of the trials; empty where none has one.
absl::StatusOr<std::string> AnyProfile(const std::vector<const pb::Trial*>& runs, const fs::path& folder,
                                       StudyClient& client) {
  const fs::path path = folder / "profile.json";
  for (const pb::Trial* run : runs) {
    ASSIGN_OR_RETURN(const TrialName name, TrialName::Parse(run->name()));
    const absl::Status fetched = client.FetchArtifact(name, "profile.json", path.string());
    if (absl::IsNotFound(fetched)) continue;
    RETURN_IF_ERROR(fetched);
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  return std::string();
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  const fs::path folder = args.Has("output") ? args.Text("output") : absl::StrCat("report-", name.study);
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  ASSIGN_OR_RETURN(const StudyResults results, ReadResults(name, session.client));
  if (results.searched.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(name.ToString(), " has no trial yet that succeeded"));
  }
  const pb::StudySpec& spec = status.study().study_spec();
  ASSIGN_OR_RETURN(const WinnerLimits limits, ReadWinnerLimits(args.Text("filter"), name, spec, session.client));
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return FieldError("--output", absl::StrCat("cannot make ", folder.string(), ": ", error.message()));
  const std::vector<NetworkRuns> networks = NetworksOf(spec, results, limits);
  std::string profile;
  if (const NetworkRuns* winner = WinnerOf(networks, limits); winner != nullptr) {
    ASSIGN_OR_RETURN(profile, AnyProfile(winner->runs, folder, session.client));
  }
  const Document report = StudyReport(name.study, status, results, limits, profile);
  RETURN_IF_ERROR(Write(folder / "report.md", report.ToMarkdown()));
  RETURN_IF_ERROR(Write(folder / "report.html", report.ToHtml()));
  for (const Document::Figure& figure : report.Figures()) RETURN_IF_ERROR(Write(folder / figure.file, figure.svg));
  const std::string path = (folder / "report.html").string();
  session.printer.Done(path, {{"study", name.study}, {"path", path}});
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyReportCommand = {
    "study",
    "report",
    "Write what a search found: tables and figures as Markdown with SVG, and one page of HTML",
    "photinus study report kws                  # writes report-kws/report.html and report.md\n"
    "photinus study report kws --output docs/kws\n"
    "photinus study report kws --filter 'energy_mj <= 0.4 and memory_kb <= 60'",
    {kStudyArgument},
    {{"--output", "FOLDER", "where to write; what is there is replaced (report-STUDY)"},
     {"--filter", "EXPR", "the winner is a trial for which this holds (docs/cli.md)"}},
    &Run};

}  // namespace photinus
