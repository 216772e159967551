// Trials that rise late by a sudden step, as after a plateau: what no smooth curve tells before.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_LATE_RISES_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_LATE_RISES_H_

#include <vector>

#include "server/stopping/falls.h"
#include "server/stopping/tsgp/curve_posterior.h"

namespace photinus {

// How often trials rise, and by how much: an exponential time to the step, whose size is |N(0, scale^2)|.
struct LateRises {
  double rate = 0;   // per horizon that a trial runs
  double scale = 0;  // in the unit of the curves

  // That a trial which has come so far still rises before its horizon. share: of the horizon, in [0, 1].
  double ChanceAfter(double share) const { return ChanceByTheHorizon(rate, share); }
};

// By curves of which each may have one step at any of its times, of greatest likelihood:
//   p(curve) ~ 1 - p - q + p L+ + q L-,  p = rate_up t,  q = rate_down t
// where t is the time over which it was looked for, and L+ and L- are the mean likelihood ratios of a step up and of
// one down. Noise that stays for a while, and curves that are not what the model takes them for, make as many steps
// down as up: the rate is that of rises less that of drops, deviations are wider where half of the curves have greater
// steps than chance gives them, and there are no rises where the likelihood is not worth their two parameters
// [Schwarz 1978]. None of fewer than 10 curves. The curves must be those of trials that ran to their end whatever they
// showed: of others a rule has taken away the drops. noise: the deviation of a value; rises of fewer than four of them
// are none.
LateRises FitLateRises(const std::vector<std::vector<CurvePosterior::Step>>& curves, double noise);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_LATE_RISES_H_
