#include "worker/data/data_set.h"

#include <utility>

#include "worker/data/audioset.h"
#include "worker/data/clip_features.h"
#include "worker/data/event_clips.h"
#include "worker/data/feature_cache.h"
#include "worker/data/folder_state.h"
#include "worker/data/keyword_clip.h"
#include "worker/data/keyword_folder.h"
#include "worker/data/recorded_clips.h"
#include "worker/data/sha256.h"
#include "worker/data/speech_commands.h"

namespace photinus::data {
namespace {

Result<FeatureFile> KeywordFeatures(const Task& task, const FrontEnd& front_end, const DataSetOptions& options) {
  const std::string name = std::string(kKeywordsVersion) + "." + task.name + ".seed" + std::to_string(options.seed);
  const KeywordFolder folder(options.data_dir / name, task, front_end, options);
  if (options.verify) return folder.Verify();
  Result<FeatureFile> whole = folder.OpenFeatures();
  if (whole.ok()) return whole;
  return folder.Repair();
}

Result<FeatureFile> EventFeatures(const Task& task, const FrontEnd& front_end, const DataSetOptions& options) {
  const EventClips clips(task, options.seed);
  const std::string key = FeatureKey(clips.Title(), front_end);
  const std::filesystem::path folder = options.data_dir / (task.name + ".seed" + std::to_string(options.seed));
  return CachedFeatures(folder, front_end, key, options,
                        [&] { return ComputeFeatures(clips, front_end, key, Stage(options, "making clips")); });
}

// Changes whenever equal folders begin to give other clips.
constexpr char kLoaderVersion[] = "folders-3";

Result<Recordings> Load(const Task& task, const std::filesystem::path& folder, uint64_t seed) {
  return task.kind == TaskKind::kSpeechCommands ? LoadSpeechCommands(folder, seed) : LoadAudioSet(folder, seed);
}

Result<FeatureFile> FolderFeatures(const Task& task, const FrontEnd& front_end, const DataSetOptions& options) {
  if (options.folder.empty()) return InvalidArgument("task " + task.name + " needs the folder of its clips");
  PHOTINUS_ASSIGN_OR_RETURN(const std::string state, FolderState(options.folder));
  const std::string key = FeatureKey(std::string(kLoaderVersion) + ", task " + task.name + ", seed " +
                                         std::to_string(options.seed) + ", folder " + state,
                                     front_end);
  const std::filesystem::path cache =
      options.data_dir / (task.name + "." + Sha256(options.folder.string()).substr(0, 16));
  return CachedFeatures(cache, front_end, key, options, [&]() -> Result<Features> {
    PHOTINUS_ASSIGN_OR_RETURN(Recordings recordings, Load(task, options.folder, options.seed));
    for (const std::string& note : recordings.notes) {
      if (options.warn) options.warn(note);
    }
    const RecordedClips clips(std::move(recordings), task.ClipSamples());
    return ComputeFeatures(clips, front_end, key, Stage(options, "computing features"));
  });
}

Result<FeatureFile> TaskFeatures(const Task& task, const DataSetOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const FrontEnd front_end,
                            FindFrontEnd(options.features, task.ClipSamples(), options.frames));
  switch (task.kind) {
    case TaskKind::kKeywords:
      return KeywordFeatures(task, front_end, options);
    case TaskKind::kEvents:
      return EventFeatures(task, front_end, options);
    case TaskKind::kSpeechCommands:
    case TaskKind::kAudioSet:
      return FolderFeatures(task, front_end, options);
  }
  return Internal("a task of unknown kind");
}

}  // namespace

Result<DataSet> DataSet::Open(const DataSetOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const Task task, FindTask(options.task));
  PHOTINUS_ASSIGN_OR_RETURN(FeatureFile features, TaskFeatures(task, options));
  return DataSet(std::move(features), options.features, task.Classes());
}

Result<DataSet> DataSet::FromFile(const std::filesystem::path& path, const std::string& key, const Task& task) {
  PHOTINUS_ASSIGN_OR_RETURN(FeatureFile features, FeatureFile::Open(path, key));
  return DataSet(std::move(features), FeatureKind::kLogMel, task.Classes());
}

size_t DataSet::Offset(Split split) const {
  size_t offset = 0;
  for (size_t i = 0; i < static_cast<size_t>(split); ++i) offset += features_.counts()[i];
  return offset;
}

int DataSet::Label(Split split, size_t index) const { return features_.labels()[Offset(split) + index]; }

std::span<const float> DataSet::Clip(Split split, size_t index) const { return features_.Clip(Offset(split) + index); }

}  // namespace photinus::data
