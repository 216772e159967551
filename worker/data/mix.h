#ifndef PHOTINUS_WORKER_DATA_MIX_H_
#define PHOTINUS_WORKER_DATA_MIX_H_

#include <span>
#include <vector>

#include "worker/data/channel.h"
#include "worker/data/random.h"

namespace photinus::data {

inline constexpr size_t kClipSamples = kClipRate;  // one second, of the keywords task

// One clip of kClipSamples samples in [-1, 1] at kClipRate: the word as heard through a room and a microphone.
// word: one spoken word at `word_rate` Hz, or empty for silence. Resampled with a vocal-tract factor of 0.9..1.1,
// trimmed, placed within +-100 ms of the middle, then through the channel. Equal arguments and equal states of `random`
// give equal clips.
std::vector<float> MixClip(std::span<const float> word, double word_rate, const MixOptions& options, Random& random);

// The part of `signal` between the first and the last sample above 1 % of its peak; empty if all are 0.
std::span<const float> Trim(std::span<const float> signal);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_MIX_H_
