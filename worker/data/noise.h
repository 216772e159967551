#ifndef PHOTINUS_WORKER_DATA_NOISE_H_
#define PHOTINUS_WORKER_DATA_NOISE_H_

#include <cstddef>
#include <vector>

#include "worker/data/random.h"

namespace photinus::data {

// One sample of white noise of unit variance: the sum of four uniforms, near enough to normal and several times
// cheaper.
float Grain(Random& random);

// A background of `samples` samples at `sample_rate`: white, pink or brown noise, sometimes with mains hum and
// sometimes with one short event (a click, a beep or a rustle). Level not normalised: callers scale it to the wanted
// ratio.
std::vector<float> MakeBackground(size_t samples, double sample_rate, Random& random);

// One short event placed at random within `samples` samples of silence, peak about 1: what a distractor sounds like.
std::vector<float> MakeEvent(size_t samples, double sample_rate, Random& random);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_NOISE_H_
