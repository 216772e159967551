// Trials that fall back to where curves begin, as when a training diverges: a fate beside what curves lead to.
#ifndef PHOTINUS_SERVER_STOPPING_FALLS_H_
#define PHOTINUS_SERVER_STOPPING_FALLS_H_

#include <cstddef>
#include <optional>

#include "server/stopping/learning_curve.h"

namespace photinus {

// Where the curves of a study begin, and how far they rise from there. Larger is better: values of minimised curves are
// negated.
struct UsualRise {
  bool maximize = true;
  double begin = 0, begin_stddev = 0;  // of first values: their median and robust deviation
  double gain = 0;                     // median of the last values - begin; > 0
  double noise = 0;                    // deviation of a value, by how the last two differ

  // The step at which the trial, as its first `points` points have it, fell to where curves begin: its last three
  // values or more are there (within a fifth of the gain, and a third of its own), though it had come a quarter of the
  // way to where they end. nullopt: it has not fallen.
  std::optional<double> StepOfFall(const LearningCurve& trial, size_t points) const;

  // Whether the trial's last value has lost three tenths of what the trial had gained, and 8 deviations: of one that
  // was stopped there it is all that is seen of a fall.
  bool IsFalling(const LearningCurve& trial) const;
};

// By the finished trials that were not stopped early. nullopt: fewer than 5 have a curve, or curves do not rise by more
// than 8 deviations of a value: a step back of a network that is fine-tuned is no fall.
std::optional<UsualRise> UsualRiseOf(const StudyCurves& study);

// Whether the trial has fallen by the usual rise of the study's curves. Cheap for trials that are near their best.
bool HasFallenToChance(const LearningCurve& trial, const StudyCurves& study);

// That what happens `rate` times per horizon, at an exponential time, happens before the horizon to a trial that has
// come to this share of it, in [0, 1].
double ChanceByTheHorizon(double rate, double share);

// How often trials of a study fall, and where to: an exponential time to the fall that the end of a trial censors.
struct Falls {
  double rate = 0;                 // falls per horizon that a trial runs
  double end = 0, end_stddev = 0;  // where fallen trials end; larger is better

  // That a trial which has come so far falls before its horizon. share: of the horizon, in [0, 1].
  double ChanceAfter(double share) const { return ChanceByTheHorizon(rate, share); }
};

// By all finished trials, those that were stopped early as far as they came, where they may have been falling. Whether
// trials of a study fall at all is even odds; where they do, their rate has the prior Gamma(9, 60), 0.15 +- 0.05 per
// horizon [a zero-inflated Poisson model]; `rate` is the posterior mean, given the falls in sum of min(step of the
// fall, last step) / horizon. So the first fall is no miracle while trials are few, and where none comes it is soon
// believed that none will. Before the first trials are taken to end where curves begin; of one fallen trial alone the
// deviation of its end is that of first values. horizon: > 0.
Falls FallsOf(const StudyCurves& study, const UsualRise& usual, double horizon);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_FALLS_H_
