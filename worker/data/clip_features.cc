#include "worker/data/clip_features.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "worker/data/log_mel.h"
#include "worker/data/sha256.h"

namespace photinus::data {
namespace {

struct Place {
  Split split;
  size_t index;
};

// All labelled clips, split after split; fills in their counts and labels.
std::vector<Place> Places(const ClipSource& clips, Features& features) {
  std::vector<Place> places;
  for (const Split split : kSplits) {
    features.counts.push_back(static_cast<uint32_t>(clips.Size(split)));
    for (size_t i = 0; i < clips.Size(split); ++i) {
      places.push_back({split, i});
      features.labels.push_back(clips.Label(split, i));
    }
  }
  return places;
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
    for (std::vector<float>* values : {&features.values, &features.backgrounds}) {
      for (size_t i = bin; i < values->size(); i += features.bins) {
        (*values)[i] = static_cast<float>((static_cast<double>((*values)[i]) - mean) / deviation);
      }
    }
    features.means.push_back(static_cast<float>(mean));
    features.deviations.push_back(static_cast<float>(deviation));
  }
}

}  // namespace

std::string FeatureKey(const std::string& clips, const FrontEnd& front_end) {
  return Sha256(Describe(front_end) + "\n" + clips);
}

Result<Features> ComputeFeatures(const ClipSource& clips, const FrontEnd& front_end, const std::string& key,
                                 const WorkOptions& options) {
  std::vector<std::unique_ptr<LogMel>> extractors;  // one per thread: they have scratch buffers
  for (int i = 0; i < options.threads; ++i) extractors.push_back(std::make_unique<LogMel>(front_end.mel));
  Features features;
  features.key = key;
  features.frames = static_cast<uint32_t>(extractors[0]->FrameCount(clips.ClipSamples()));
  features.bins = static_cast<uint32_t>(front_end.mel.bins);
  const std::vector<Place> places = Places(clips, features);
  const size_t clip_size = size_t{features.frames} * features.bins;
  features.values.resize(places.size() * clip_size);
  features.backgrounds.resize(kBackgrounds * clip_size);
  const Dct dct(features.bins);
  const auto compute = [&](int thread, size_t i) -> Result<void> {
    const bool labelled = i < places.size();
    const size_t index = labelled ? i : i - places.size();
    PHOTINUS_ASSIGN_OR_RETURN(const std::vector<float> clip,
                              labelled ? clips.Clip(places[i].split, places[i].index) : clips.Background(index));
    const std::span<float> all = labelled ? features.values : features.backgrounds;
    const std::span<float> target = all.subspan(index * clip_size, clip_size);
    extractors[static_cast<size_t>(thread)]->Compute(clip, target);
    if (front_end.kind == FeatureKind::kMfcc) dct.Transform(target);
    return {};
  };
  PHOTINUS_RETURN_IF_ERROR(ParallelFor(places.size() + kBackgrounds, options, compute));
  Standardise(features);
  return features;
}

}  // namespace photinus::data
