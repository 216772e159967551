#include "worker/data/clip_features.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>
#include <vector>

#include "worker/base/file.h"
#include "worker/data/log_mel.h"
#include "worker/data/sha256.h"
#include "worker/data/wav.h"

namespace photinus::data {
namespace {

// Changes whenever equal options begin to give other numbers.
constexpr char kExtractorVersion[] = "log-mel 2";

std::string Describe(const LogMelOptions& mel) {
  std::ostringstream text;
  text << mel.sample_rate << " Hz, window " << mel.window << ", hop " << mel.hop << ", FFT " << mel.fft_size << ", "
       << mel.bins << " bins, " << mel.low_hz << ".." << mel.high_hz << " Hz";
  return text.str();
}

// Each bin to mean 0 and variance 1 over the training clips, which come first.
void Standardise(Features& features) {
  const size_t rows = size_t{features.counts[0]} * features.frames;
  for (size_t bin = 0; bin < features.bins; ++bin) {
    double sum = 0, squares = 0;
    for (size_t row = 0; row < rows; ++row) {
      const auto value = static_cast<double>(features.values[row * features.bins + bin]);
      sum += value;
      squares += value * value;
    }
    const double mean = sum / static_cast<double>(rows);
    const double deviation = std::sqrt(std::max(squares / static_cast<double>(rows) - mean * mean, 1e-12));
    for (size_t i = bin; i < features.values.size(); i += features.bins) {
      features.values[i] = static_cast<float>((static_cast<double>(features.values[i]) - mean) / deviation);
    }
  }
}

}  // namespace

std::string FeatureKey(const std::string& manifest) {
  return Sha256(std::string(kExtractorVersion) + ", " + Describe(LogMelOptions()) + "\n" + manifest);
}

Result<Features> ComputeFeatures(const std::filesystem::path& folder, const Manifest& manifest,
                                 const WorkOptions& options) {
  const LogMelOptions mel;
  std::vector<std::unique_ptr<LogMel>> extractors;  // one per thread: they have scratch buffers
  extractors.reserve(static_cast<size_t>(options.threads));
  for (int i = 0; i < options.threads; ++i) extractors.push_back(std::make_unique<LogMel>(mel));
  Features features;
  features.key = FeatureKey(FormatManifest(manifest));
  features.frames = static_cast<uint32_t>(extractors[0]->FrameCount(kClipSamples));
  features.bins = static_cast<uint32_t>(mel.bins);
  features.counts = {0, 0, 0};
  const size_t clip_size = features.frames * features.bins;
  features.values.resize(manifest.entries.size() * clip_size);
  for (const ManifestEntry& entry : manifest.entries) {
    ++features.counts[static_cast<size_t>(entry.split)];
    features.labels.push_back(entry.label);
  }
  const auto compute = [&](int thread, size_t i) -> Result<void> {
    const ManifestEntry& entry = manifest.entries[i];
    PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(folder / entry.path));
    PHOTINUS_RETURN_IF_ERROR(CheckEntry(entry, content, folder));
    PHOTINUS_ASSIGN_OR_RETURN(const Wav wav, ParseWav(content, (folder / entry.path).string()));
    if (wav.sample_rate != kClipRate || wav.samples.size() != kClipSamples) {
      return InvalidArgument((folder / entry.path).string() + " is not one second at 16 kHz");
    }
    extractors[static_cast<size_t>(thread)]->Compute(ToFloat(wav.samples),
                                                     std::span(features.values).subspan(i * clip_size, clip_size));
    return {};
  };
  PHOTINUS_RETURN_IF_ERROR(
      ParallelFor(manifest.entries.size(), options.threads, options.progress, options.stop, compute));
  Standardise(features);
  return features;
}

}  // namespace photinus::data
