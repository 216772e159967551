#ifndef PHOTINUS_COMMON_SPACES_MAKE_PARAMETER_H_
#define PHOTINUS_COMMON_SPACES_MAKE_PARAMETER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/spaces/space.h"

namespace photinus::spaces {

// One parameter of each type, active always; see Parameter for what the arguments mean.
Parameter Categorical(std::string name, std::vector<std::string> categories, std::string default_value);
Parameter Discrete(std::string name, std::vector<double> numbers, double default_value);
Parameter Integer(std::string name, int min, int max, std::int64_t default_value);
Parameter LogDouble(std::string name, double min, double max, double default_value);

}  // namespace photinus::spaces

#endif  // PHOTINUS_COMMON_SPACES_MAKE_PARAMETER_H_
