#include "server/storage/log_mark.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/new_file.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace

bool LogMark::IsSet() const { return Exists(mark_); }

absl::Status LogMark::Check() const {
  const std::string log = path_ + "-wal";
  if (!IsSet() || !Exists(path_) || Exists(log)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(log, " is missing, and with it perhaps changes that were acknowledged: the last server of ", path_,
                   " was killed before they were in the database file. Put the file back, or restore a backup. If "
                   "another program has "
                   "put them into the database since, or if you give them up, remove ",
                   mark_));
}

void LogMark::Set() const {
  const absl::Status status = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(NewFile file, NewFile::Create(mark_));
    return file.Commit();
  }();
  if (!status.ok()) spdlog::warn("a later server will not know if the database's log got lost: {}", status.ToString());
}

bool LogMark::Clear() const { return (unlink(mark_.c_str()) == 0 || errno == ENOENT) && SyncFolderOf(mark_).ok(); }

}  // namespace photinus
