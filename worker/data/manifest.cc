#include "worker/data/manifest.h"

#include <charconv>
#include <string_view>
#include <system_error>

#include "worker/data/sha256.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

constexpr std::string_view kChecksum = "sha256 of the lines above\t";

std::vector<std::string_view> SplitAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// False for a line that FormatManifest cannot have written.
bool ParseEntry(std::string_view line, ManifestEntry& entry) {
  const std::vector<std::string_view> fields = SplitAt(line, '\t');
  if (fields.size() != 7) return false;
  entry.path = fields[0];
  const char* end = fields[1].data() + fields[1].size();
  if (std::from_chars(fields[1].data(), end, entry.bytes).ptr != end) return false;
  entry.sha256 = fields[2];
  bool known = false;
  for (const Split split : kSplits) {
    if (SplitName(split) != fields[3]) continue;
    entry.split = split;
    known = true;
  }
  entry.label = -1;
  for (size_t i = 0; i < KeywordClasses().size(); ++i) {
    if (KeywordClasses()[i] == fields[4]) entry.label = static_cast<int>(i);
  }
  entry.voice = fields[5];
  entry.text = fields[6];
  return known && entry.label >= 0;
}

Error WrongSize(const ManifestEntry& entry, uint64_t found, const std::filesystem::path& folder) {
  const std::string path = (folder / entry.path).string();
  const std::string sizes = "expected " + std::to_string(entry.bytes) + " bytes, found " + std::to_string(found);
  return InvalidArgument(path + (found < entry.bytes ? " is truncated: " : " was altered: ") + sizes);
}

}  // namespace

std::string FormatManifest(const Manifest& manifest) {
  std::string content = manifest.title + "\n";
  for (const ManifestEntry& entry : manifest.entries) {
    content += entry.path + "\t" + std::to_string(entry.bytes) + "\t" + entry.sha256 + "\t";
    content += std::string(SplitName(entry.split)) + "\t";
    content += std::string(KeywordClasses()[static_cast<size_t>(entry.label)]) + "\t";
    content += entry.voice + "\t" + entry.text + "\n";
  }
  const std::string checksum = Sha256(content);
  return content + std::string(kChecksum) + checksum + "\n";
}

Result<Manifest> ParseManifest(const std::string& content, const std::filesystem::path& path) {
  const Error damaged = InvalidArgument(path.string() + " was cut or altered");
  const size_t last = content.rfind(kChecksum);
  if (last == std::string::npos) return damaged;
  const std::string body = content.substr(0, last);
  if (content.substr(last) != std::string(kChecksum) + Sha256(body) + "\n") return damaged;
  Manifest manifest;
  std::vector<std::string_view> lines = SplitAt(body, '\n');
  lines.pop_back();  // what follows the last line's end: nothing
  if (lines.empty()) return damaged;
  manifest.title = lines[0];
  for (size_t i = 1; i < lines.size(); ++i) {
    if (!ParseEntry(lines[i], manifest.entries.emplace_back())) return damaged;
  }
  return manifest;
}

Result<void> CheckEntry(const ManifestEntry& entry, const std::string& content, const std::filesystem::path& folder) {
  if (content.size() != entry.bytes) return WrongSize(entry, content.size(), folder);
  if (Sha256(content) == entry.sha256) return {};
  return InvalidArgument((folder / entry.path).string() + " was altered: its SHA-256 is not the manifest's");
}

std::vector<size_t> FindMissing(const Manifest& manifest, const std::filesystem::path& folder) {
  std::vector<size_t> missing;
  for (size_t i = 0; i < manifest.entries.size(); ++i) {
    std::error_code ignored;  // what cannot be looked at is found out when it is read
    if (!std::filesystem::exists(folder / manifest.entries[i].path, ignored) && !ignored) missing.push_back(i);
  }
  return missing;
}

}  // namespace photinus::data
