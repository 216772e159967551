#ifndef PHOTINUS_WORKER_DATA_PARAMETER_DRAW_H_
#define PHOTINUS_WORKER_DATA_PARAMETER_DRAW_H_

#include <cstdint>

#include "worker/data/random.h"
#include "worker/data/split.h"

namespace photinus::data {

// Draws what a generated sound is like, pitches, lengths and speeds, so that no value of a range occurs in two splits:
// every range is cut into 20 equal cells, of which validation and test have every fifth each and training the rest.
// What validation and test measure is therefore heard in training from its neighbours only.
class ParameterDraw {
 public:
  // random: outlives this.
  ParameterDraw(Split split, Random& random) : split_(split), random_(random) {}

  // Even over the split's cells of [low, high).
  double Uniform(double low, double high);
  // The same, even in octaves; low > 0.
  double LogUniform(double low, double high);

  // What is no matter of splits: one of `count` choices, and noise.
  uint64_t Choice(uint64_t count) { return random_.Below(count); }
  bool Chance(double probability) { return random_.Chance(probability); }
  Random& random() { return random_; }

 private:
  const Split split_;
  Random& random_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_PARAMETER_DRAW_H_
