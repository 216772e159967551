#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command.h"
#include "client/cli/commands/trial_reference.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// The names to fetch: all, or the one that was asked for. NotFound lists what there is. DataLoss: the server gives a
// name that could lead out of the folder.
absl::StatusOr<std::vector<std::string>> Wanted(const TrialName& name, const std::string& only, StudyClient& client) {
  ASSIGN_OR_RETURN(const auto artifacts, client.ListArtifacts(name));
  if (artifacts.empty()) return absl::NotFoundError(absl::StrCat(name.ToString(), " has no artifacts"));
  std::vector<std::string> names, wanted;
  for (const auto& artifact : artifacts) {
    names.push_back(artifact.name());
    if (only.empty() || artifact.name() == only) wanted.push_back(artifact.name());
  }
  for (const std::string& artifact : wanted) {
    if (ValidateArtifactName(artifact).ok()) continue;
    return absl::DataLossError(absl::StrCat("the server names an artifact ", Quoted(artifact), "; nothing is fetched"));
  }
  if (!wanted.empty()) return wanted;
  return absl::NotFoundError(
      absl::StrCat(name.ToString(), " has no artifact ", Quoted(only), "; it has ", absl::StrJoin(names, ", ")));
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const TrialName name, ReferredTrial(args, session.client));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, Wanted(name, args.Text("artifact"), session.client));
  const std::filesystem::path folder =
      args.Has("directory") ? args.Text("directory") : absl::StrCat(name.study.study, "-", name.id);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return FieldError("-o", absl::StrCat("cannot make ", folder.string(), ": ", error.message()));
  std::vector<Record> records;
  for (const std::string& artifact : names) {
    const std::string path = (folder / artifact).string();
    RETURN_IF_ERROR(session.client.FetchArtifact(name, artifact, path));
    records.push_back({{"artifact", artifact}, {"path", path}});
  }
  session.printer.List(records, {{"artifact", "ARTIFACT"}, {"path", "PATH"}});
  return absl::OkStatus();
}

}  // namespace

extern const Command kTrialFetchCommand = {
    "trial",
    "fetch",
    "Copy a trial's artifacts (the network, its profile, curves and log) into a folder",
    "photinus trial fetch kws best\n"
    "photinus trial fetch kws 12 --artifact model.tflite -o models",
    {kStudyArgument, kTrialArgument},
    {{"--artifact", "NAME", "only this one"}, {"-o,--directory", "DIR", "the folder; STUDY-TRIAL unless given"}},
    &Run};

}  // namespace photinus
