#ifndef PHOTINUS_WORKER_DATA_LOG_MEL_H_
#define PHOTINUS_WORKER_DATA_LOG_MEL_H_

#include <cstddef>
#include <span>
#include <vector>

#include "worker/data/fft.h"

namespace photinus::data {

// How audio becomes a spectrogram. Window and hop are in samples; only whole windows are taken.
struct LogMelOptions {
  int sample_rate = 16000;
  size_t window = 640;  // 40 ms
  size_t hop = 320;     // 20 ms
  size_t fft_size = 1024;
  size_t bins = 40;
  double low_hz = 20;
  double high_hz = 7600;
};

// Log-mel energies of short clips: log(M |FFT(hann * frame)|^2 + 1e-6), with M the triangular filters of the HTK mel
// scale (mel = 2595 log10(1 + f/700)), peak 1. Samples are in [-1, 1]. Not thread-safe (scratch buffers).
class LogMel {
 public:
  explicit LogMel(const LogMelOptions& options);

  // Frames of a clip of `samples` samples: 1 + (samples - window) / hop, or 0 if it is shorter than a window.
  size_t FrameCount(size_t samples) const;
  // samples: any length. features: [FrameCount(samples.size()) x bins], row per frame.
  void Compute(std::span<const float> samples, std::span<float> features);

 private:
  struct Filter {
    size_t first_bin;  // of the power spectrum
    std::vector<float> weights;
  };

  const LogMelOptions options_;
  RealFft fft_;
  std::vector<float> window_;
  std::vector<Filter> filters_;
  std::vector<float> frame_;
  std::vector<float> power_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_LOG_MEL_H_
