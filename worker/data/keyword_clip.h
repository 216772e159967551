#ifndef PHOTINUS_WORKER_DATA_KEYWORD_CLIP_H_
#define PHOTINUS_WORKER_DATA_KEYWORD_CLIP_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "worker/base/result.h"
#include "worker/data/mix.h"
#include "worker/data/speech.h"
#include "worker/data/voices.h"
#include "worker/data/wav.h"

namespace photinus::data {

// Names the code that turns a seed into clips and clips into features; changes whenever their bytes do.
inline constexpr char kKeywordsVersion[] = "keywords-2";

// All that decides one clip of the spoken-keywords task.
struct ClipRecipe {
  Split split = Split::kTrain;
  int label = 0;
  Utterance utterance;  // empty text for silence
  uint64_t mix_seed = 0;
  std::string path;  // of its WAV file within the data set: "clips/train/yes/000012.wav"
};

// The recipe of clip `index` of a split: classes take turns, so that they are equally frequent; the rest is drawn from
// `seed`. A clip's recipe depends on nothing else, so that any clip can be made alone, in any order, by any thread.
ClipRecipe MakeRecipe(uint64_t seed, Split split, int index);

// Speaks and mixes one clip. scratch: as in Synthesizer::Speak. Equal recipes give equal clips.
Result<Wav> MakeClip(const ClipRecipe& recipe, const MixOptions& options, const Synthesizer& synthesizer,
                     const std::filesystem::path& scratch);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_KEYWORD_CLIP_H_
