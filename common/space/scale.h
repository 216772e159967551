// A parameter's numeric range as the unit interval.
#ifndef PHOTINUS_COMMON_SPACE_SCALE_H_
#define PHOTINUS_COMMON_SPACE_SCALE_H_

#include <optional>

#include "common/space/search_space.h"

namespace photinus {

// Maps value to 0..1 over [low, high] (low < high, low > 0 on log scales), beyond it outside the bounds.
//   LINEAR (v - low) / (high - low);  LOG the same of logarithms;  REVERSE_LOG 1 - LOG(low + high - v): fine near high.
// nullopt where the logarithm does not exist. Never overflows.
std::optional<double> ToUnitInterval(Parameter::Scale scale, double low, double high, double value);

// The inverse, for 0 <= unit <= 1; the result is within [low, high].
double FromUnitInterval(Parameter::Scale scale, double low, double high, double unit);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_SPACE_SCALE_H_
