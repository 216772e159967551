#ifndef PHOTINUS_COMMON_SPACES_NAMED_SPACES_H_
#define PHOTINUS_COMMON_SPACES_NAMED_SPACES_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/spaces/space.h"

namespace photinus::spaces {

// The space that a study file's `space:` key names, or null if there is none of that name: say so together with
// SpaceNames(). The space lives as long as the program. Thread-safe.
const Space* FindSpace(std::string_view name);

// The names that FindSpace knows, in alphabetical order.
std::vector<std::string> SpaceNames();

}  // namespace photinus::spaces

#endif  // PHOTINUS_COMMON_SPACES_NAMED_SPACES_H_
