#ifndef PHOTINUS_WORKER_DATA_MIX_H_
#define PHOTINUS_WORKER_DATA_MIX_H_

#include <span>
#include <vector>

#include "worker/data/random.h"

namespace photinus::data {

inline constexpr int kClipRate = 16000;        // Hz
inline constexpr size_t kClipSamples = 16000;  // one second

// How hard the clips are.
struct MixOptions {
  double min_snr_db = 5;
  double max_snr_db = 25;
  double distractor_probability = 0;
};

// One clip of kClipSamples samples in [-1, 1] at kClipRate: the word as heard through a room and a microphone.
// word: one spoken word at `word_rate` Hz, or empty for silence. In order: resampled with a vocal-tract factor of
// 0.9..1.1, trimmed, placed within +-100 ms of the middle, reverberation (half of the clips), two peak filters of +-6
// dB, low-pass (3 in 10), distractor, background at a signal-to-noise ratio from `options`, and a level of -24..-3 dB.
// Equal arguments and equal states of `random` give equal clips.
std::vector<float> MixClip(std::span<const float> word, double word_rate, const MixOptions& options, Random& random);

// The part of `signal` between the first and the last sample above 1 % of its peak; empty if all are 0.
std::span<const float> Trim(std::span<const float> signal);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_MIX_H_
