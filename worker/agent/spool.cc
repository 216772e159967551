#include "worker/agent/spool.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "worker/base/file.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr char kExtension[] = ".json";
constexpr size_t kNameLength = 32;

absl::Status Unreadable(const fs::path& path, const std::string& why) {
  return absl::UnavailableError(absl::StrCat(path.string(), " cannot be read: ", why));
}

absl::StatusOr<std::vector<fs::path>> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() == kExtension) files.push_back(entry->path());
  }
  if (error) return Unreadable(folder, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Spool::Spool(fs::path folder) : folder_(std::move(folder)) {}

absl::StatusOr<std::vector<TrialResult>> Spool::Open() const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder_.string(), " cannot be made: ", error.message()));
  fs::permissions(folder_, fs::perms::owner_all, error);  // it has lease tokens
  std::vector<TrialResult> results;
  const auto files = FilesIn(folder_);
  if (!files.ok()) return files.status();
  for (const fs::path& path : *files) {
    const auto content = ReadFile(path);
    if (!content.ok()) return absl::UnavailableError(content.error().message);
    auto result = TrialResultFromJson(*content);
    if (result.ok() && PathOf(*result) == path) {
      results.push_back(*std::move(result));
      continue;
    }
    spdlog::error("{} is damaged; kept as *.broken", path.string());
    fs::rename(path, path.string() + ".broken", error);
  }
  return results;
}

absl::Status Spool::Save(const TrialResult& result) const {
  const auto written = WriteFileDurably(PathOf(result), TrialResultToJson(result));
  return written.ok() ? absl::OkStatus() : absl::UnavailableError(written.error().message);
}

void Spool::Delete(const TrialResult& result) const {
  std::error_code error;
  fs::remove(PathOf(result), error);
}

fs::path Spool::PathOf(const TrialResult& result) const {
  const std::string digest = Sha256Hex(result.complete.name() + "\n" + result.lease_token);
  return folder_ / (digest.substr(0, kNameLength) + kExtension);
}

}  // namespace photinus
