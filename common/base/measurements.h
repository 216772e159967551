// Where on its trial's curve a measurement stands.
#ifndef PHOTINUS_COMMON_BASE_MEASUREMENTS_H_
#define PHOTINUS_COMMON_BASE_MEASUREMENTS_H_

#include "common/base/pb.h"

namespace photinus {

inline double ElapsedSeconds(const pb::Measurement& measurement) {
  return static_cast<double>(measurement.elapsed_duration().seconds()) + 1e-9 * measurement.elapsed_duration().nanos();
}

// A measurement without a place, of no step and no time, may well be repeated; any other that is equal was sent twice.
inline bool HasPlace(const pb::Measurement& measurement) {
  const auto& elapsed = measurement.elapsed_duration();
  return measurement.step_count() != 0 || elapsed.seconds() != 0 || elapsed.nanos() != 0;
}

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_MEASUREMENTS_H_
