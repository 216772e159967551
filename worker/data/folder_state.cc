#include "worker/data/folder_state.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <vector>

#include "worker/base/file.h"
#include "worker/data/sha256.h"

namespace photinus::data {
namespace {

// Adds the WAV files of a folder, which is called `name` in the one above. What cannot be looked at is as good as gone.
void AddWavFiles(const std::filesystem::path& folder, const std::string& name, std::vector<std::string>& lines) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored)) {
    if (entry->path().extension() != ".wav") continue;
    const auto bytes = entry->file_size(ignored);
    lines.push_back(name + "/" + entry->path().filename().string() + "\t" + std::to_string(ignored ? 0 : bytes) + "\n");
  }
}

}  // namespace

Result<std::string> FolderState(const std::filesystem::path& folder) {
  std::error_code fault;
  std::vector<std::string> lines;
  for (std::filesystem::directory_iterator entry(folder, fault), end; !fault && entry != end; entry.increment(fault)) {
    const std::filesystem::path& path = entry->path();
    std::error_code unknown;  // what cannot be looked at is no folder
    if (entry->is_directory(unknown)) {
      AddWavFiles(path, path.filename().string(), lines);
    } else if (path.extension() == ".txt" || path.extension() == ".csv") {
      PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
      lines.push_back(path.filename().string() + "\t" + Sha256(content) + "\n");
    }
  }
  if (fault) {
    return NotFound("cannot read the folder " + folder.string() + " on this machine: " + fault.message() +
                    "; `folder` of the study's trial names it");
  }
  std::sort(lines.begin(), lines.end());
  return Sha256(std::vector<std::string_view>(lines.begin(), lines.end()));
}

}  // namespace photinus::data
