// The point that users had before they searched.
#ifndef PHOTINUS_SERVER_ALGORITHMS_SAMPLING_DEFAULT_POINT_H_
#define PHOTINUS_SERVER_ALGORITHMS_SAMPLING_DEFAULT_POINT_H_

#include "common/space/flatten.h"

namespace photinus {

// The parameters' default values, and the centre of the space where there are none; snapped.
UnitPoint DefaultPoint(const Flatten& flatten);

// Whether any parameter has a default value.
bool HasDefaults(const Flatten& flatten);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_SAMPLING_DEFAULT_POINT_H_
