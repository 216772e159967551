// How much less the begin of a curve tells of its end than the model of curves believes.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_DISCREPANCY_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_DISCREPANCY_H_

#include <array>
#include <vector>

#include "server/stopping/tsgp/gaussian.h"

namespace photinus {

// Real curves are no member of any family, so that what their begin says of their end g is off by
// N(-bias, variance), however precise it seems to be [Kennedy & O'Hagan 2001: model discrepancy]. Without it early
// values, which are many, would outweigh what parameters tell, which is often worth more.
struct Discrepancy {
  double bias = 0;
  double variance = 0;

  // Of an observation of g with this precision, corrected.
  Gaussian Corrected(double end, double precision) const { return {end + bias, 1 / precision + variance}; }
};

// By the share of the horizon that was seen.
struct Discrepancies {
  static constexpr std::array<double, 4> kShares = {0.1, 0.2, 0.4, 0.6};

  // Interpolated; none for a whole curve.
  Discrepancy At(double share) const;

  std::array<Discrepancy, kShares.size()> by_share = {};
};

// A full curve of which only the begin was looked at.
struct JudgedBegin {
  Gaussian prior;                  // of g, without the curve
  double told = 0, precision = 0;  // what the begin tells of g; precision > 0
  double end = 0, noise = 0;       // the last value, which is N(g, noise)
};

// Of greatest likelihood, under t-distributed ends, so that curves which jump or fall later count little; bias has a
// prior about 0. None of fewer than 10 curves.
Discrepancy FitDiscrepancy(const std::vector<JudgedBegin>& judged);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_DISCREPANCY_H_
