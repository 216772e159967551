#include "worker/data/wav.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace photinus::data {
namespace {

static_assert(std::endian::native == std::endian::little, "WAV samples are copied as they lie in memory");

constexpr size_t kRiffHeader = 12;
constexpr size_t kChunkHeader = 8;
constexpr size_t kFormatChunk = 16;
constexpr uint16_t kPcm = 1;
constexpr uint16_t kExtensible = 0xFFFE;
constexpr uint32_t kUnknownSize = 0xFFFFFFFF;  // of a program that wrote to a pipe, and so could not go back

template <typename T>
T Load(std::string_view content, size_t offset) {
  T value;
  std::memcpy(&value, content.data() + offset, sizeof(T));
  return value;
}

template <typename T>
void Append(std::string& content, T value) {
  content.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

Error Truncated(const std::string& name, size_t expected, size_t found) {
  return InvalidArgument(name + " is truncated: expected " + std::to_string(expected) + " bytes, found " +
                         std::to_string(found));
}

struct Format {
  int channels = 0;
  int sample_rate = 0;  // Hz
};

Result<Format> ParseFormat(std::string_view chunk, const std::string& name) {
  if (chunk.size() < kFormatChunk) return InvalidArgument(name + " has a format chunk that is too short");
  const auto format = Load<uint16_t>(chunk, 0);
  const auto channels = Load<uint16_t>(chunk, 2);
  const auto rate = Load<uint32_t>(chunk, 4);
  const auto bits = Load<uint16_t>(chunk, 14);
  if ((format != kPcm && format != kExtensible) || channels == 0 || bits != 16) {
    return InvalidArgument(name + " has format " + std::to_string(format) + ", " + std::to_string(channels) +
                           " channels and " + std::to_string(bits) +
                           " bits; needed is 16-bit PCM: convert it with `sox " + name + " -b 16 OUTPUT.wav`");
  }
  if (rate < 1000 || rate > 384000)
    return InvalidArgument(name + " has an impossible sample rate of " + std::to_string(rate));
  return Format{channels, static_cast<int>(rate)};
}

// The mean of the channels; bytes: of 16-bit samples, channel by channel within each moment.
std::vector<int16_t> MixDown(std::string_view bytes, int channels) {
  const size_t stride = sizeof(int16_t) * static_cast<size_t>(channels);
  std::vector<int16_t> samples(bytes.size() / stride);
  if (channels == 1) {
    std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(int16_t));
    return samples;
  }
  for (size_t i = 0; i < samples.size(); ++i) {
    int sum = 0;
    for (size_t offset = 0; offset < stride; offset += sizeof(int16_t))
      sum += Load<int16_t>(bytes, i * stride + offset);
    samples[i] = static_cast<int16_t>(std::nearbyint(static_cast<double>(sum) / channels));
  }
  return samples;
}

}  // namespace

Result<Wav> ParseWav(std::string_view content, const std::string& name) {
  const std::string_view start = content.substr(0, 4);
  if (start != std::string_view("RIFF").substr(0, start.size())) return InvalidArgument(name + " is no WAV file");
  if (content.size() < kRiffHeader) return Truncated(name, kRiffHeader, content.size());
  if (content.substr(8, 4) != "WAVE") return InvalidArgument(name + " is no WAV file");
  const auto riff_size = Load<uint32_t>(content, 4);
  const size_t announced = kChunkHeader + riff_size;
  if (riff_size != kUnknownSize && content.size() < announced) return Truncated(name, announced, content.size());
  Format format;
  size_t offset = kRiffHeader;
  while (offset + kChunkHeader <= content.size()) {
    const std::string_view id = content.substr(offset, 4);
    size_t size = Load<uint32_t>(content, offset + 4);
    offset += kChunkHeader;
    if (id == "data" && size == kUnknownSize) size = content.size() - offset;
    if (offset + size > content.size()) return Truncated(name, offset + size, content.size());
    if (id == "fmt ") {
      PHOTINUS_ASSIGN_OR_RETURN(format, ParseFormat(content.substr(offset, size), name));
    } else if (id == "data") {
      if (format.channels == 0) return InvalidArgument(name + " has sound before its format");
      return Wav{format.sample_rate, MixDown(content.substr(offset, size), format.channels)};
    }
    offset += size + size % 2;  // chunks are padded to an even size
  }
  return InvalidArgument(name + " has no sound (no data chunk)");
}

std::string EncodeWav(const Wav& wav) {
  const auto bytes = static_cast<uint32_t>(wav.samples.size() * 2);
  const auto rate = static_cast<uint32_t>(wav.sample_rate);
  std::string content = "RIFF";
  Append(content, static_cast<uint32_t>(bytes + 36));
  content += "WAVEfmt ";
  Append(content, uint32_t{kFormatChunk});
  Append(content, kPcm);
  Append(content, uint16_t{1});
  Append(content, rate);
  Append(content, rate * 2);
  Append(content, uint16_t{2});
  Append(content, uint16_t{16});
  content += "data";
  Append(content, bytes);
  content.append(reinterpret_cast<const char*>(wav.samples.data()), bytes);
  return content;
}

std::vector<float> ToFloat(std::span<const int16_t> samples) {
  std::vector<float> result(samples.size());
  std::transform(samples.begin(), samples.end(), result.begin(),
                 [](int16_t sample) { return static_cast<float>(sample) / 32768.0f; });
  return result;
}

std::vector<int16_t> ToPcm(std::span<const float> samples) {
  std::vector<int16_t> result(samples.size());
  std::transform(samples.begin(), samples.end(), result.begin(), [](float sample) {
    return static_cast<int16_t>(std::clamp(std::nearbyint(sample * 32768.0f), -32768.0f, 32767.0f));
  });
  return result;
}

}  // namespace photinus::data
