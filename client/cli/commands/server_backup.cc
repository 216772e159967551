#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/progress.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  const std::string path = args.Text("file");
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    return FieldError("file", absl::StrCat(path, " exists already; choose another name or remove it"));
  }
  Progress progress(session.console, session.clock);
  int64_t bytes = 0;
  RETURN_IF_ERROR(session.client.Backup(path, [&](int64_t done, int64_t total) {
    bytes = done;
    progress.Update([&] { return absl::StrCat("received ", MegabytesOf(done, total)); });
  }));
  session.printer.Done(absl::StrCat(path, ": ", Megabytes(bytes)), {{"path", path}, {"bytes", bytes}});
  return absl::OkStatus();
}

}  // namespace

extern const Command kServerBackupCommand = {
    "server",
    "backup",
    "Copy the database of a running server into a file here, while it goes on serving",
    "photinus server backup photinus.db.backup",
    {{"file", "the file, which must not exist; it appears once it is whole"}},
    {},
    &Run};

}  // namespace photinus
