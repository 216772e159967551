#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/study_file/study_file.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  const std::string path = args.Text("file") == "-" ? "/dev/stdin" : args.Text("file");
  ASSIGN_OR_RETURN(const StudyFile file, StudyFile::Load(path));
  const std::string id = args.Has("name") ? args.Text("name") : file.display_name();
  if (id.empty()) return FieldError("study", absl::StrCat(path, " names no study; add it or give --name"));
  ASSIGN_OR_RETURN(const StudyName name, ResolveStudy(args.owner(), id));
  const auto if_exists = args.Flag("strict") ? StudyClient::IfExists::kRefuse : StudyClient::IfExists::kAcceptEqual;
  const auto study = session.client.CreateStudy(name, file.spec(), if_exists);
  if (absl::IsAlreadyExists(study.status()) && args.Flag("strict")) {
    return absl::AlreadyExistsError(
        absl::StrCat(name.ToString(), " exists already; give another --name, or delete it first"));
  }
  if (!study.ok()) return file.LocateServerError(study.status());
  session.printer.Done(study->name(), {{"name", study->name()}, {"owner", name.owner}, {"study", name.study}});
  session.console.Note(absl::StrCat("follow it with: photinus study watch ", name.study));
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyCreateCommand = {
    "study",
    "create",
    "Create a study from a study file; one that exists with the same content is left as it is",
    "photinus study create -f study.yaml\n"
    "photinus study create -f study.yaml --name second-try",
    {},
    {{"-f,--file", "FILE", "the study file (docs/study-file.md); - for standard input", true},
     {"--name", "NAME", "the study's name, instead of the file's"},
     {"--strict", nullptr, "fail if a study of this name exists, even with the same content"}},
    &Run};

}  // namespace photinus
