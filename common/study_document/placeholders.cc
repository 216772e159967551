#include "common/study_document/placeholders.h"

#include "absl/strings/ascii.h"

namespace photinus {
namespace {

bool StartsName(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }

bool ContinuesName(char c) {
  return StartsName(c) || absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == ':';
}

}  // namespace

std::vector<std::string> Placeholders(std::string_view argument) {
  std::vector<std::string> names;
  for (size_t open = argument.find('{'); open != std::string_view::npos; open = argument.find('{', open + 1)) {
    size_t end = open + 1;
    if (end == argument.size() || !StartsName(argument[end])) continue;
    while (end < argument.size() && ContinuesName(argument[end])) ++end;
    if (end < argument.size() && argument[end] == '}') names.emplace_back(argument.substr(open + 1, end - open - 1));
  }
  return names;
}

}  // namespace photinus
