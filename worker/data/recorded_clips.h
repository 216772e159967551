#ifndef PHOTINUS_WORKER_DATA_RECORDED_CLIPS_H_
#define PHOTINUS_WORKER_DATA_RECORDED_CLIPS_H_

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/clip_source.h"

namespace photinus::data {

// Sound at kClipRate.
using Sound = std::vector<float>;

// One clip of a folder that somebody else made: a whole WAV file, or a cut of a sound that is already read.
struct Recording {
  int label = 0;
  std::filesystem::path path;
  std::shared_ptr<const Sound> sound;  // shared by all its cuts
  size_t offset = 0;                   // of the cut
  float gain = 1;
};

// What a loader found in a folder.
struct Recordings {
  std::array<std::vector<Recording>, std::size(kSplits)> clips;
  std::vector<Recording> backgrounds;  // to mix with training clips; none: they are generated
  std::vector<std::string> notes;      // what was left out and why, one sentence each

  std::vector<Recording>& Of(Split split) { return clips[static_cast<size_t>(split)]; }
  const std::vector<Recording>& Of(Split split) const { return clips[static_cast<size_t>(split)]; }
};

// Reads a WAV file and resamples it to kClipRate. Errors: those of ReadFile and ParseWav.
Result<Sound> ReadSound(const std::filesystem::path& path);

// The clips of a folder: every file's middle, or the file within silence where it is shorter.
class RecordedClips : public ClipSource {
 public:
  RecordedClips(Recordings recordings, size_t clip_samples)
      : recordings_(std::move(recordings)), clip_samples_(clip_samples) {}

  size_t ClipSamples() const override { return clip_samples_; }
  size_t Size(Split split) const override { return recordings_.Of(split).size(); }
  int Label(Split split, size_t index) const override { return recordings_.Of(split)[index].label; }
  Result<std::vector<float>> Clip(Split split, size_t index) const override;
  Result<std::vector<float>> Background(size_t index) const override;

 private:
  Result<std::vector<float>> Read(const Recording& recording) const;

  const Recordings recordings_;
  const size_t clip_samples_;
};

// The WAV files of one folder, sorted. None where there is no such folder.
std::vector<std::filesystem::path> WavFiles(const std::filesystem::path& folder);

// The first `count` of the recordings in an order that `seed` and their own names, FOLDER/FILE, alone decide, sorted by
// name; all where there are no more.
std::vector<Recording> Sample(std::vector<Recording> recordings, size_t count, uint64_t seed);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_RECORDED_CLIPS_H_
