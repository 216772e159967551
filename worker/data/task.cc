#include "worker/data/task.h"

#include <vector>

#include "worker/data/audioset.h"
#include "worker/data/event_clips.h"
#include "worker/data/mix.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

// Deep networks of few channels, as on events, need many small steps to begin to learn.
constexpr int kEventBatch = 16;
constexpr double kEventRate = 0.012;

std::vector<Task> Tasks() {
  return {
      {"keywords", TaskKind::kKeywords, 8400, 1200, 1200, MixOptions{5, 25, 0}},
      {"events", TaskKind::kEvents, 4000, 1600, 1600, MixOptions{-5, 15, 0.5}, kEventBatch, kEventRate},
      {"speech-commands", TaskKind::kSpeechCommands, 0, 0, 0, {}},
      {"audioset", TaskKind::kAudioSet, 0, 0, 0, {}},
      {"smoke", TaskKind::kKeywords, 240, 72, 72, MixOptions{15, 30, 0}},
      {"events-smoke", TaskKind::kEvents, 320, 96, 96, MixOptions{15, 35, 0}, kEventBatch, kEventRate},
  };
}

}  // namespace

int Task::ClipCount(Split split) const {
  switch (split) {
    case Split::kTrain:
      return train_clips;
    case Split::kValidation:
      return validation_clips;
    case Split::kTest:
      return test_clips;
  }
  return 0;
}

size_t Task::TotalClips() const {
  size_t total = 0;
  for (const Split split : kSplits) total += static_cast<size_t>(ClipCount(split));
  return total;
}

std::span<const std::string_view> Task::Classes() const {
  const bool words = kind == TaskKind::kKeywords || kind == TaskKind::kSpeechCommands;
  return words ? KeywordClasses() : EventClasses();
}

size_t Task::ClipSamples() const {
  switch (kind) {
    case TaskKind::kKeywords:
    case TaskKind::kSpeechCommands:
      return kClipSamples;
    case TaskKind::kEvents:
      return kEventSamples;
    case TaskKind::kAudioSet:
      return kSegmentSamples;
  }
  return 0;
}

Result<Task> FindTask(std::string_view name) {
  std::string known;
  for (const Task& task : Tasks()) {
    if (task.name == name) return task;
    known += (known.empty() ? "" : ", ") + task.name;
  }
  return InvalidArgument("unknown task \"" + std::string(name) + "\"; known are: " + known);
}

}  // namespace photinus::data
