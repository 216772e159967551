#ifndef PHOTINUS_WORKER_DATA_WAV_H_
#define PHOTINUS_WORKER_DATA_WAV_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"

namespace photinus::data {

// One channel of sound.
struct Wav {
  int sample_rate = 0;  // Hz
  std::vector<int16_t> samples;
};

// Reads the content of a WAV file of 16-bit PCM; of several channels it takes the mean. Unlike the packaged readers it
// takes no shortened file. A header whose sizes are 0xFFFFFFFF, as of a program that wrote to a pipe, announces
// nothing: the sound then ends with the file. InvalidArgument, beginning with `name`: no WAV file, another format, or
// fewer bytes than its header announces
// ("NAME is truncated: expected 32044 bytes, found 20000").
Result<Wav> ParseWav(std::string_view content, const std::string& name);

// The content of a WAV file with a 44-byte header.
std::string EncodeWav(const Wav& wav);

// Samples as numbers in [-1, 1), and back (rounded, clipped).
std::vector<float> ToFloat(std::span<const int16_t> samples);
std::vector<int16_t> ToPcm(std::span<const float> samples);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_WAV_H_
