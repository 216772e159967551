#ifndef PHOTINUS_COMMON_SPACES_SAMPLE_H_
#define PHOTINUS_COMMON_SPACES_SAMPLE_H_

#include <cstdint>

#include "common/spaces/space.h"

namespace photinus::spaces {

// A point drawn at random: categories by their weights, each number and integer equally likely, doubles uniform on
// their scale, inactive parameters absent. Equal seeds give equal points on every machine. Thread-safe; cannot fail.
ParameterValues Sample(const Space& space, std::uint64_t seed);

}  // namespace photinus::spaces

#endif  // PHOTINUS_COMMON_SPACES_SAMPLE_H_
