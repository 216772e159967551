// The scale on which the values of learning curves are modelled.
#ifndef PHOTINUS_SERVER_STOPPING_CURVE_SCALE_H_
#define PHOTINUS_SERVER_STOPPING_CURVE_SCALE_H_

#include <optional>
#include <vector>

namespace photinus {

enum class ScaleKind {
  kLinear,
  kLog,    // of positive values: losses that span decades; those below its floor count as that
  kLogit,  // of values in [0, 1]: accuracies near an end
};

// Strictly increasing from worse to better values, but for kLog and kLogit at the ends of their ranges.
struct CurveScale {
  ScaleKind kind = ScaleKind::kLinear;
  bool maximize = true;
  // Of the transformed finals: the median and the robust deviation, or where that is 0 the standard one.
  double centre = 0, spread = 1;
  double floor = 0;  // of kLog, > 0

  // A value of the curve as (transformed - centre) / spread, negated where less is better.
  double Apply(double value) const;
  double Invert(double scaled) const;
};

// finals: last values of full trials, finite, at least one. values: all that are known, the finals among them, finite.
// Adding a constant to all values of a linear scale, or multiplying them by a positive number, changes nothing of what
// Apply gives. Without a kind: kLog for minimised finals that span more than a factor of 10 where all values are
// positive, kLogit where all values are in [0, 1] and the best final is within 0.02 of its end, else kLinear. The floor
// of kLog is a tenth of the least positive value.
CurveScale MakeCurveScale(const std::vector<double>& finals, const std::vector<double>& values, bool maximize,
                          std::optional<ScaleKind> kind);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_CURVE_SCALE_H_
