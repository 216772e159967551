#ifndef PHOTINUS_WORKER_DATA_TASK_H_
#define PHOTINUS_WORKER_DATA_TASK_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "worker/base/result.h"
#include "worker/data/channel.h"
#include "worker/data/split.h"

namespace photinus::data {

enum class TaskKind {
  kKeywords,        // generated: words that espeak-ng speaks, in one-second clips
  kEvents,          // generated: sounds of a home, in two-second clips
  kSpeechCommands,  // a folder of the user's (speech_commands.h), in one-second clips
  kAudioSet,        // the same (audioset.h), in ten-second clips
};

// What a network learns, from which data. A study's `task` names one.
struct Task {
  std::string name;
  TaskKind kind = TaskKind::kKeywords;
  // The size and the difficulty of generated data.
  int train_clips = 0;
  int validation_clips = 0;
  int test_clips = 0;
  MixOptions mix;
  // How networks are trained where nothing else says so: examples per batch, and the peak of the learning rate.
  int batch_size = 32;
  double learning_rate = 4e-3;

  int ClipCount(Split split) const;
  size_t TotalClips() const;
  // The classes; a label is an index into this list.
  std::span<const std::string_view> Classes() const;
  // Samples of a clip, at kClipRate.
  size_t ClipSamples() const;
  // Whether its clips are generated, and not the user's.
  bool Generated() const { return kind == TaskKind::kKeywords || kind == TaskKind::kEvents; }
};

// `keywords` and `events`, generated; `smoke` and `events-smoke`, a few clips of each, for tests; `speech-commands` and
// `audioset`, from a folder. InvalidArgument, listing the names, for any other.
Result<Task> FindTask(std::string_view name);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_TASK_H_
