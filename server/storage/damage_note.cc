#include "server/storage/damage_note.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/new_file.h"
#include "common/base/status_macros.h"

namespace photinus {

bool DamageNote::Exists() const {
  std::error_code error;
  return std::filesystem::exists(note_, error);
}

absl::Status DamageNote::Check() const {
  std::ifstream file(note_);
  const std::string finding(std::istreambuf_iterator<char>(file), {});
  if (finding.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path_, " is damaged (", finding, "); restore a backup, or remove ",
                                                    note_, " to open it nevertheless"));
}

void DamageNote::Begin() const {
  if (!Exists()) Write("");
}

void DamageNote::Condemn(const std::string& finding) const { Write(finding); }

void DamageNote::Remove() const { unlink(note_.c_str()); }

void DamageNote::Write(const std::string& text) const {
  const absl::Status status = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(NewFile file, NewFile::Create(note_));
    RETURN_IF_ERROR(file.Append(text));
    return file.Commit();
  }();
  if (!status.ok())
    spdlog::warn("a later server will not know that the database may be damaged: {}", status.ToString());
}

}  // namespace photinus
