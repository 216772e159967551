#include "worker/data/text_lines.h"

#include <algorithm>
#include <utility>

#include "worker/base/file.h"

namespace photinus::data {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // of UTF-8, which some editors write

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

Result<std::vector<TextLine>> ReadLines(const std::filesystem::path& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  std::vector<TextLine> lines;
  size_t number = 0;
  for (size_t start = content.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; start < content.size();) {
    const size_t end = std::min(content.find('\n', start), content.size());
    const std::string_view text = Trimmed(std::string_view(content).substr(start, end - start));
    start = end + 1;
    ++number;
    if (text.empty() || text.front() == '#') continue;
    lines.push_back({std::string(text), path.string() + ":" + std::to_string(number)});
  }
  return lines;
}

Result<std::vector<std::string>> CsvFields(const TextLine& line) {
  std::vector<std::string> fields;
  std::string_view rest = line.text;
  while (true) {
    rest = Trimmed(rest);
    std::string field;
    if (rest.starts_with('"')) {
      size_t i = 1;
      for (; i < rest.size(); ++i) {
        if (rest[i] == '"' && (i + 1 == rest.size() || rest[i + 1] != '"')) break;
        if (rest[i] == '"') ++i;
        field += rest[i];
      }
      if (i == rest.size()) return InvalidArgument(line.place + ": a quote (\") does not end");
      rest = Trimmed(rest.substr(i + 1));
      if (!rest.empty() && rest.front() != ',') {
        return InvalidArgument(line.place + ": a comma is missing after \"" + field + "\"");
      }
    } else {
      const size_t comma = std::min(rest.find(','), rest.size());
      field = Trimmed(rest.substr(0, comma));
      rest = rest.substr(comma);
    }
    fields.push_back(std::move(field));
    if (rest.empty()) return fields;
    rest.remove_prefix(1);
  }
}

}  // namespace photinus::data
