#include "worker/data/speech_commands.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "worker/data/channel.h"
#include "worker/data/mix.h"
#include "worker/data/random.h"
#include "worker/data/text_lines.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

constexpr char kBackground[] = "_background_noise_";
constexpr size_t kHeldBack = 10;  // one part in so many of a background file is for validation, and one for test

int LabelOf(const std::string& word) {
  for (int i = 0; i < kKeywordCount; ++i) {
    if (KeywordClasses()[static_cast<size_t>(i)] == word) return i;
  }
  return kUnknownLabel;
}

// Every clip by its name, WORD/FILE.wav.
Result<std::map<std::string, Recording>> FindClips(const std::filesystem::path& folder) {
  std::map<std::string, Recording> clips;
  std::error_code fault;
  std::vector<std::string> words;
  for (std::filesystem::directory_iterator entry(folder, fault), end; !fault && entry != end; entry.increment(fault)) {
    const std::string name = entry->path().filename().string();
    std::error_code unknown;  // what cannot be looked at is no folder of words
    const bool is_folder = entry->is_directory(unknown);
    if (is_folder && !name.starts_with('_') && !name.starts_with('.')) words.push_back(name);
  }
  if (fault) return NotFound("cannot read the folder " + folder.string() + ": " + fault.message());
  for (int i = 0; i < kKeywordCount; ++i) {
    const std::string keyword(KeywordClasses()[static_cast<size_t>(i)]);
    if (std::find(words.begin(), words.end(), keyword) != words.end()) continue;
    return InvalidArgument(folder.string() + " has no folder \"" + keyword +
                           "\"; a Speech Commands folder has one folder of WAV files for each word, of which yes, no, "
                           "up, down, left, right, on, off, stop, go must be there");
  }
  for (const std::string& word : words) {
    for (const std::filesystem::path& file : WavFiles(folder / word)) {
      clips[word + "/" + file.filename().string()] = {LabelOf(word), file, nullptr, 0, 1};
    }
  }
  return clips;
}

// Gives the clips that a list names their split. Clips that are missing are counted in `notes`.
Result<void> ReadList(const std::filesystem::path& path, Split split, const std::map<std::string, Recording>& clips,
                      std::map<std::string, Split>& splits, std::vector<std::string>& notes) {
  const Result<std::vector<TextLine>> lines = ReadLines(path);
  if (!lines.ok() && lines.error().code == ErrorCode::kNotFound) {
    return InvalidArgument(path.string() + " is missing; it lists the clips for " + std::string(SplitName(split)) +
                           ", one to a line, such as bed/0a7c2a8d_nohash_0.wav");
  }
  if (!lines.ok()) return lines.error();
  size_t missing = 0;
  std::string first;
  for (const TextLine& line : *lines) {
    const size_t slash = line.text.find('/');
    if (slash == std::string::npos || slash == 0 || !line.text.ends_with(".wav")) {
      return InvalidArgument(line.place + ": \"" + line.text +
                             "\" is no clip; write WORD/FILE.wav, such as "
                             "bed/0a7c2a8d_nohash_0.wav");
    }
    if (clips.count(line.text) == 0) {
      if (missing++ == 0) first = line.text;
      continue;
    }
    const auto [known, added] = splits.emplace(line.text, split);
    if (!added && known->second != split) {
      return InvalidArgument(line.place + ": " + line.text + " is for " + std::string(SplitName(known->second)) +
                             " too; remove it from one of the lists");
    }
  }
  if (missing > 0) {
    notes.push_back(std::to_string(missing) + " of " + std::to_string(lines->size()) + " clips of " + path.string() +
                    " are missing, the first is " + first);
  }
  return {};
}

// The sounds that silence is cut from.
Result<std::vector<std::shared_ptr<const Sound>>> ReadBackground(const std::filesystem::path& folder) {
  std::vector<std::shared_ptr<const Sound>> sounds;
  for (const std::filesystem::path& file : WavFiles(folder)) {
    PHOTINUS_ASSIGN_OR_RETURN(Sound sound, ReadSound(file));
    if (sound.size() < std::size(kSplits) * kClipSamples) {
      return InvalidArgument(file.string() + " is shorter than 3 s, too short to cut silence for three splits from it");
    }
    sounds.push_back(std::make_shared<const Sound>(std::move(sound)));
  }
  if (!sounds.empty()) return sounds;
  return InvalidArgument(folder.string() + " has no WAV file; class silence is cut from the recordings there");
}

// Where a split's part of a background file begins and ends, in samples.
std::pair<size_t, size_t> PartOf(Split split, size_t size) {
  const size_t held_back = std::max(size / kHeldBack, kClipSamples);
  switch (split) {
    case Split::kTrain:
      return {0, size - 2 * held_back};
    case Split::kValidation:
      return {size - 2 * held_back, size - held_back};
    case Split::kTest:
      return {size - held_back, size};
  }
  return {};
}

std::vector<Recording> MakeSilence(const std::vector<std::shared_ptr<const Sound>>& sounds, Split split, size_t count,
                                   uint64_t seed) {
  Random random(DeriveSeed(seed, "silence", static_cast<size_t>(split)));
  std::vector<Recording> silence;
  for (size_t i = 0; i < count; ++i) {
    const std::shared_ptr<const Sound>& sound = sounds[i % sounds.size()];
    const auto [first, last] = PartOf(split, sound->size());
    const size_t offset = first + random.Below(last - first - kClipSamples + 1);
    const auto gain = static_cast<float>(std::pow(10, -random.Uniform(0, 30) / 20));
    silence.push_back({kSilenceLabel, {}, sound, offset, gain});
  }
  return silence;
}

// Checks that there are clips of every keyword to learn from; splits that lack one stand in the notes.
Result<void> CheckKeywords(const std::filesystem::path& folder, const Recordings& recordings,
                           std::vector<std::string>& notes) {
  for (const Split split : kSplits) {
    std::array<size_t, kKeywordCount> counts = {};
    for (const Recording& clip : recordings.Of(split)) {
      if (clip.label >= 0 && clip.label < kKeywordCount) ++counts[static_cast<size_t>(clip.label)];
    }
    std::string lacking;
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] > 0) continue;
      const std::string keyword(KeywordClasses()[i]);
      if (split == Split::kTrain) {
        return InvalidArgument((folder / keyword).string() +
                               " has no WAV file for training: it is empty, or validation_list.txt and "
                               "testing_list.txt take all of it");
      }
      lacking += (lacking.empty() ? "" : ", ") + keyword;
    }
    if (!lacking.empty()) notes.push_back(std::string(SplitName(split)) + " has no clip of " + lacking);
  }
  return {};
}

}  // namespace

Result<Recordings> LoadSpeechCommands(const std::filesystem::path& folder, uint64_t seed) {
  PHOTINUS_ASSIGN_OR_RETURN(const auto clips, FindClips(folder));
  Recordings recordings;
  std::map<std::string, Split> splits;
  for (const auto& [list, split] :
       {std::pair("validation_list.txt", Split::kValidation), std::pair("testing_list.txt", Split::kTest)}) {
    PHOTINUS_RETURN_IF_ERROR(ReadList(folder / list, split, clips, splits, recordings.notes));
  }
  PHOTINUS_ASSIGN_OR_RETURN(const auto background, ReadBackground(folder / kBackground));
  std::array<std::vector<Recording>, std::size(kSplits)> unknown;
  for (const auto& [name, clip] : clips) {
    const auto listed = splits.find(name);
    const Split split = listed == splits.end() ? Split::kTrain : listed->second;
    (clip.label == kUnknownLabel ? unknown[static_cast<size_t>(split)] : recordings.Of(split)).push_back(clip);
  }
  for (const Split split : kSplits) {
    std::vector<Recording>& all = recordings.Of(split);
    if (all.empty() || unknown[static_cast<size_t>(split)].empty()) {
      return InvalidArgument(folder.string() + " has no clip of " + (all.empty() ? "a keyword" : "another word") +
                             " for " + std::string(SplitName(split)) +
                             "; see validation_list.txt and testing_list.txt there");
    }
    const size_t count = std::max<size_t>(1, all.size() / kKeywordCount);
    for (const auto& more : {Sample(std::move(unknown[static_cast<size_t>(split)]), count, seed),
                             MakeSilence(background, split, count, seed)}) {
      all.insert(all.end(), more.begin(), more.end());
    }
  }
  PHOTINUS_RETURN_IF_ERROR(CheckKeywords(folder, recordings, recordings.notes));
  recordings.backgrounds = MakeSilence(background, Split::kTrain, kBackgrounds, DeriveSeed(seed, "backgrounds", 0));
  return recordings;
}

}  // namespace photinus::data
