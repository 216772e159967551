#include "common/space/scale.h"

#include <algorithm>
#include <cmath>

namespace photinus {
namespace {

// low + high - value without overflow.
double Mirror(double low, double high, double value) { return low + (high - value); }

double LinearInterval(double low, double high, double value) {
  const double range = high - low;
  if (std::isfinite(range)) return (value - low) / range;
  return (0.5 * value - 0.5 * low) / (0.5 * high - 0.5 * low);  // the range exceeds the largest double
}

double LogInterval(double low, double high, double value) {
  const double range = std::log(high) - std::log(low);
  if (range == 0) return LinearInterval(low, high, value);  // so narrow that it has no curve
  return (std::log(value) - std::log(low)) / range;
}

double FromLogInterval(double low, double high, double unit) {
  return std::clamp(std::exp(std::log(low) + unit * (std::log(high) - std::log(low))), low, high);
}

}  // namespace

std::optional<double> ToUnitInterval(Parameter::Scale scale, double low, double high, double value) {
  if (std::isnan(value)) return std::nullopt;
  switch (scale) {
    case Parameter::Scale::kLinear:
      return LinearInterval(low, high, value);
    case Parameter::Scale::kLog:
      if (value <= 0) return std::nullopt;
      return LogInterval(low, high, value);
    case Parameter::Scale::kReverseLog: {
      const double mirrored = Mirror(low, high, value);
      if (mirrored <= 0) return std::nullopt;
      return 1 - LogInterval(low, high, mirrored);
    }
  }
  return std::nullopt;
}

double FromUnitInterval(Parameter::Scale scale, double low, double high, double unit) {
  if (unit <= 0) return low;  // exactly, though logarithms are rounded
  if (unit >= 1) return high;
  switch (scale) {
    case Parameter::Scale::kLinear:
      return std::clamp(low * (1 - unit) + high * unit, low, high);
    case Parameter::Scale::kLog:
      return FromLogInterval(low, high, unit);
    case Parameter::Scale::kReverseLog:
      return std::clamp(Mirror(low, high, FromLogInterval(low, high, 1 - unit)), low, high);
  }
  return low;
}

}  // namespace photinus
