#ifndef PHOTINUS_WORKER_DATA_CHANNEL_H_
#define PHOTINUS_WORKER_DATA_CHANNEL_H_

#include <span>

#include "worker/data/random.h"

namespace photinus::data {

inline constexpr int kClipRate = 16000;  // Hz, of all clips

// How hard the clips are.
struct MixOptions {
  double min_snr_db = 5;
  double max_snr_db = 25;
  double distractor_probability = 0;
};

// What becomes of a sound between its source and a file, in place, on clips of any length at kClipRate. Equal arguments
// and equal states of `random` give equal clips.

// The room and the microphone: reverberation (half of the clips), two peak filters of +-6 dB, low-pass (3 in 10).
void HearInRoom(std::span<float> clip, Random& random);

// What else is heard, and how loud all of it is: a distractor, background at a signal-to-noise ratio from `options`, a
// peak of -24..-3 dB. A silent clip becomes background alone, up to 30 dB quieter.
void AddSurroundings(std::span<float> clip, const MixOptions& options, Random& random);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_CHANNEL_H_
