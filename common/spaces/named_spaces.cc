#include "common/spaces/named_spaces.h"

#include <map>

#include "common/spaces/keywords_small.h"

namespace photinus::spaces {
namespace {

// The only list: a new space is a file pair and a line here (its networks: a line in worker/graph/architectures.cc).
const std::map<std::string, Space, std::less<>>& Spaces() {
  static const auto* const spaces = new std::map<std::string, Space, std::less<>>{
      {"keywords-small", KeywordsSmall()},
  };
  return *spaces;
}

}  // namespace

const Space* FindSpace(std::string_view name) {
  const auto found = Spaces().find(name);
  return found == Spaces().end() ? nullptr : &found->second;
}

std::vector<std::string> SpaceNames() {
  std::vector<std::string> names;
  for (const auto& [name, space] : Spaces()) names.push_back(name);
  return names;
}

}  // namespace photinus::spaces
