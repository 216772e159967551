#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/at_field.h"
#include "client/cli/command.h"
#include "client/cli/progress.h"
#include "common/base/errors.h"
#include "common/base/new_file.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

// "line 3" in the file's text, as compilers say it.
absl::Status LocateError(const std::string& path, const absl::Status& status) {
  const std::string field = ErrorField(status);
  if (!absl::StartsWith(field, "line ")) return status;
  return AtField(absl::StrCat(path, ":", field.substr(5)), status);
}

absl::Status Run(const Args& args, Session& session) {
  const std::string path = args.Text("file") == "-" ? "/dev/stdin" : args.Text("file");
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return FieldError("file", absl::StrCat(path, " is a folder"));
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path, error));  // a pipe has none
  std::ifstream file(path, std::ios::binary);
  if (!file) return FieldError("file", std::string(FileError(path, "opened").message()));
  const std::string id = args.Text("name");
  StudyName name{args.owner(), ""};
  if (!id.empty()) {
    ASSIGN_OR_RETURN(name, ResolveStudy(args.owner(), id));
  }
  Progress progress(session.console, session.clock);
  int64_t sent = 0;
  const auto next = [&]() -> absl::StatusOr<std::string> {
    if (!error) progress.Update([&] { return absl::StrCat("imported ", MegabytesOf(sent, size)); });
    std::string piece(kPieceBytes, '\0');
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (file.bad()) return FileError(path, "read");
    piece.resize(static_cast<size_t>(file.gcount()));
    sent += static_cast<int64_t>(piece.size());
    return piece;
  };
  const auto imported = session.client.ImportStudy(name.owner, name.study, next);
  if (!imported.ok()) return LocateError(path, imported.status());
  session.printer.Done(imported->name(), {{"name", imported->name()}, {"trials", imported->trials()}});
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyImportCommand = {
    "study",
    "import",
    "Make a study from a file of 'study export'; it is there once all of it is stored",
    "photinus study import kws.jsonl\n"
    "photinus study import kws.jsonl --name kws-copy",
    {{"file", "the file; - for standard input"}},
    {{"--name", "NAME", "the study's name, instead of the exported study's"}},
    &Run};

}  // namespace photinus
