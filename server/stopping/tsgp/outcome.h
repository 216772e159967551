// How a trial may end: where its curve leads, or higher after a late rise, or where curves begin after a fall.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_OUTCOME_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_OUTCOME_H_

namespace photinus {

// A mixture of a trial's ends, all in one unit; larger is better.
struct Outcome {
  double mean = 0, stddev = 1;                          // of one that neither rises late nor falls
  double rise = 0, rise_scale = 0;                      // the chance to rise by |N(0, rise_scale^2)|
  double fall = 0, fallen_mean = 0, fallen_stddev = 0;  // the chance to fall, and where to

  // The root of the mean square about `mean`.
  double Deviation() const;

  // P(end > value) and E[max(end - value, 0)] where an end is t-distributed (student_t.h) with `deviation` about what
  // leads to it. A trial that falls exceeds nothing. deviation: > 0.
  double ChanceAbove(double value, double deviation) const;
  double GainAbove(double value, double deviation) const;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_OUTCOME_H_
