#ifndef PHOTINUS_WORKER_DATA_AUDIOSET_H_
#define PHOTINUS_WORKER_DATA_AUDIOSET_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "worker/base/result.h"
#include "worker/data/recorded_clips.h"

namespace photinus::data {

inline constexpr size_t kSegmentSamples = 160000;  // ten seconds

// The clips of a folder in the form of AudioSet (Gemmeke et al. 2017), labelled as EventClasses() the way arXiv
// 2202.05397, section 4.1, does:
//   class_labels_indices.csv   index,mid,display_name; of each class, one of its labels at least
//   balanced_train_segments.csv, unbalanced_train_segments.csv   one of them or both, as published:
//                              YTID, START, END, "MID,MID,..."
//   eval_segments.csv          the same, for test
//   wav/YTID_START_END.wav     the clips; START and END as in the list (30.000), in whole seconds or in milliseconds;
//                              or YTID.wav; also with a Y before the id
// Of training segments, those of every tenth video, by a hash of its id, are for validation; where none of these has an
// event, or none has a clip without, so is the video with the smallest hash of at least two that do. A clip with labels
// of several classes is left out of training, and elsewhere counts as the first one listed. Clips without any are
// `negative`: as many as there are others in a split, chosen by `seed`, or all where they are fewer. What is missing,
// left out, ambiguous or too few is counted in the notes. InvalidArgument, with file and line: another form. NotFound:
// no such folder.
Result<Recordings> LoadAudioSet(const std::filesystem::path& folder, uint64_t seed);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_AUDIOSET_H_
