#include "server/stopping/tsgp/outcome.h"

#include <cmath>

#include "server/stopping/tsgp/student_t.h"

namespace photinus {
namespace {

// Midpoints of fifths of |N(0, 1)|.
constexpr double kSizes[] = {0.1257, 0.3853, 0.6745, 1.0364, 1.6449};
constexpr double kWeight = 0.2;

// The mean over all trials, of those that do not fall, of what `of` makes of a rise.
template <typename Function>
double Mean(const Outcome& outcome, const Function& of) {
  double mean = (1 - outcome.rise) * of(0.0);
  if (outcome.rise > 0) {
    for (const double size : kSizes) mean += outcome.rise * kWeight * of(outcome.rise_scale * size);
  }
  return (1 - outcome.fall) * mean;
}

}  // namespace

double Outcome::Deviation() const {
  const double rising = stddev * stddev + rise * rise_scale * rise_scale, gap = mean - fallen_mean;
  return std::sqrt((1 - fall) * rising + fall * (gap * gap + fallen_stddev * fallen_stddev));
}

double Outcome::ChanceAbove(double value, double deviation) const {
  return Mean(*this, [&](double size) { return StudentChanceAbove((value - mean - size) / deviation); });
}

double Outcome::GainAbove(double value, double deviation) const {
  return Mean(*this, [&](double size) { return deviation * StudentGainAbove((value - mean - size) / deviation); });
}

}  // namespace photinus
