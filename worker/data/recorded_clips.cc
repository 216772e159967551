#include "worker/data/recorded_clips.h"

#include <algorithm>
#include <cstdint>
#include <system_error>

#include "worker/base/file.h"
#include "worker/data/channel.h"
#include "worker/data/random.h"
#include "worker/data/resample.h"
#include "worker/data/wav.h"

namespace photinus::data {

Result<Sound> ReadSound(const std::filesystem::path& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  PHOTINUS_ASSIGN_OR_RETURN(const Wav wav, ParseWav(content, path.string()));
  Sound sound = ToFloat(wav.samples);
  if (wav.sample_rate == kClipRate) return sound;
  return Resample(sound, static_cast<double>(wav.sample_rate) / kClipRate);
}

Result<std::vector<float>> RecordedClips::Clip(Split split, size_t index) const {
  return Read(recordings_.Of(split)[index]);
}

Result<std::vector<float>> RecordedClips::Background(size_t index) const {
  const std::vector<Recording>& own = recordings_.backgrounds;
  return own.empty() ? ClipSource::Background(index) : Read(own[index % own.size()]);
}

Result<std::vector<float>> RecordedClips::Read(const Recording& recording) const {
  Sound clip(clip_samples_);
  if (recording.sound) {
    const size_t count = std::min(clip.size(), recording.sound->size() - recording.offset);
    std::transform(recording.sound->begin() + static_cast<std::ptrdiff_t>(recording.offset),
                   recording.sound->begin() + static_cast<std::ptrdiff_t>(recording.offset + count), clip.begin(),
                   [gain = recording.gain](float sample) { return gain * sample; });
    return clip;
  }
  PHOTINUS_ASSIGN_OR_RETURN(const Sound sound, ReadSound(recording.path));
  const size_t count = std::min(clip.size(), sound.size());
  std::copy_n(sound.begin() + static_cast<std::ptrdiff_t>((sound.size() - count) / 2), count,
              clip.begin() + static_cast<std::ptrdiff_t>((clip.size() - count) / 2));
  return clip;
}

std::vector<std::filesystem::path> WavFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored)) {
    if (entry->path().extension() == ".wav") files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Recording> Sample(std::vector<Recording> recordings, size_t count, uint64_t seed) {
  const auto by_name = [](const Recording& a, const Recording& b) { return a.path < b.path; };
  std::sort(recordings.begin(), recordings.end(), by_name);
  if (recordings.size() <= count) return recordings;
  std::vector<std::pair<uint64_t, size_t>> order;
  for (size_t i = 0; i < recordings.size(); ++i) {
    const std::filesystem::path& path = recordings[i].path;
    const std::string name = path.parent_path().filename().string() + "/" + path.filename().string();
    order.emplace_back(DeriveSeed(seed, name, 0), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<Recording> sample;
  for (size_t i = 0; i < count; ++i) sample.push_back(std::move(recordings[order[i].second]));
  std::sort(sample.begin(), sample.end(), by_name);
  return sample;
}

}  // namespace photinus::data
