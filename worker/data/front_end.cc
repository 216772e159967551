#include "worker/data/front_end.h"

#include <sstream>

#include "worker/data/channel.h"

namespace photinus::data {
namespace {

// Changes whenever equal options begin to give other numbers.
constexpr char kExtractorVersion[] = "log-mel 2";

struct Framing {
  size_t seconds;  // of a clip
  int frames;
  size_t window;
  size_t hop;
  size_t fft_size;
};

constexpr Framing kFramings[] = {
    {1, 49, 640, 320, 1024},    {1, 98, 480, 160, 1024},    {1, 196, 400, 80, 1024},
    {2, 49, 800, 640, 1024},    {2, 98, 800, 320, 1024},    {2, 196, 800, 160, 1024},
    {10, 49, 4000, 3200, 4096}, {10, 98, 4000, 1600, 4096}, {10, 196, 4000, 800, 4096},
};

}  // namespace

Result<FrontEnd> FindFrontEnd(FeatureKind kind, size_t clip_samples, int frames) {
  for (const Framing& framing : kFramings) {
    if (framing.seconds * kClipRate != clip_samples || framing.frames != frames) continue;
    FrontEnd front_end;
    front_end.kind = kind;
    front_end.frames = frames;
    front_end.mel.window = framing.window;
    front_end.mel.hop = framing.hop;
    front_end.mel.fft_size = framing.fft_size;
    if (framing.seconds > 1) {
      front_end.mel.low_hz = 60;
      front_end.mel.high_hz = 7800;
    }
    return front_end;
  }
  return InvalidArgument(
      "no features have " + std::to_string(frames) +
      " frames: a task has those of 49, 98 or 196 frames x 40 bins, and a network's input is as large");
}

std::string Describe(const FrontEnd& front_end) {
  const LogMelOptions& mel = front_end.mel;
  std::ostringstream text;
  if (front_end.kind == FeatureKind::kMfcc) text << "mfcc of ";
  text << kExtractorVersion << ", " << mel.sample_rate << " Hz, window " << mel.window << ", hop " << mel.hop
       << ", FFT " << mel.fft_size << ", " << mel.bins << " bins, " << mel.low_hz << ".." << mel.high_hz << " Hz";
  return text.str();
}

}  // namespace photinus::data
