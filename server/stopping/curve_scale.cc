#include "server/stopping/curve_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/quantile.h"

namespace photinus {
namespace {

constexpr double kFloorShare = 0.1;    // of the least positive value
constexpr double kLogitMargin = 1e-4;  // values this close to 0 and 1 count as equal
constexpr double kRounding = 1e-9;     // of a 0 or 1, as of ValueFor a goal
constexpr double kManyFold = 10;
constexpr double kNearTheEnd = 0.02;
constexpr double kSmallestSpread = 1e-9;  // of the largest value

double Transform(const CurveScale& scale, double value) {
  switch (scale.kind) {
    case ScaleKind::kLog:
      return std::log(std::max(value, scale.floor));
    case ScaleKind::kLogit: {
      const double inside = std::clamp(value, kLogitMargin, 1 - kLogitMargin);
      return std::log(inside / (1 - inside));
    }
    case ScaleKind::kLinear:
      break;
  }
  return value;
}

double Back(ScaleKind kind, double transformed) {
  switch (kind) {
    case ScaleKind::kLog:
      return std::exp(transformed);
    case ScaleKind::kLogit:
      return 1 / (1 + std::exp(-transformed));
    case ScaleKind::kLinear:
      break;
  }
  return transformed;
}

// least, most: of the finals.
ScaleKind KindOf(double least, double most, const std::vector<double>& values, bool maximize) {
  const bool positive = std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
  if (!maximize && positive && most > kManyFold * least) return ScaleKind::kLog;
  const bool shares = std::all_of(values.begin(), values.end(),
                                  [](double value) { return value >= -kRounding && value <= 1 + kRounding; });
  const bool near_end = maximize ? most > 1 - kNearTheEnd : least < kNearTheEnd;
  if (shares && near_end && most > least) return ScaleKind::kLogit;
  return ScaleKind::kLinear;
}

double StandardDeviation(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

// 1 where no value is positive.
double FloorUnder(const std::vector<double>& values) {
  double least = std::numeric_limits<double>::infinity();
  for (const double value : values) {
    if (value > 0) least = std::min(least, value);
  }
  return std::isfinite(least) ? std::max(kFloorShare * least, std::numeric_limits<double>::min()) : 1;
}

}  // namespace

double CurveScale::Apply(double value) const {
  const double scaled = (Transform(*this, value) - centre) / spread;
  return maximize ? scaled : -scaled;
}

double CurveScale::Invert(double scaled) const { return Back(kind, (maximize ? scaled : -scaled) * spread + centre); }

CurveScale MakeCurveScale(const std::vector<double>& finals, const std::vector<double>& values, bool maximize,
                          std::optional<ScaleKind> kind) {
  const auto [least, most] = std::minmax_element(finals.begin(), finals.end());
  CurveScale scale{.kind = kind.value_or(KindOf(*least, *most, values, maximize)), .maximize = maximize};
  scale.floor = FloorUnder(values);
  std::vector<double> transformed;
  for (const double value : finals) transformed.push_back(Transform(scale, value));
  scale.centre = Quantile(transformed, 0.5);
  scale.spread = RobustDeviation(transformed);
  if (scale.spread == 0) scale.spread = StandardDeviation(transformed);  // most are alike: networks that learnt nothing
  double largest = 0;
  for (const double value : transformed) largest = std::max(largest, std::abs(value));
  scale.spread = std::max({scale.spread, kSmallestSpread * largest, std::numeric_limits<double>::min()});
  return scale;
}

}  // namespace photinus
