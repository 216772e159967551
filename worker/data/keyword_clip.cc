#include "worker/data/keyword_clip.h"

#include <cstdio>

#include "worker/data/random.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

template <typename List>
std::string Pick(const List& list, Random& random) {
  return std::string(list[random.Below(list.size())]);
}

}  // namespace

ClipRecipe MakeRecipe(uint64_t seed, Split split, int index) {
  Random random(DeriveSeed(seed, SplitName(split), static_cast<uint64_t>(index)));
  ClipRecipe recipe;
  recipe.split = split;
  recipe.label = index % static_cast<int>(KeywordClasses().size());
  if (recipe.label != kSilenceLabel) {
    const bool unknown = recipe.label == kUnknownLabel;
    recipe.utterance.text =
        unknown ? Pick(UnknownWords(), random) : std::string(KeywordClasses()[static_cast<size_t>(recipe.label)]);
    recipe.utterance.voice = Pick(Accents(), random) + "+" + Pick(Variants(split), random);
    recipe.utterance.rate = 110 + static_cast<int>(random.Below(151));  // 110..260
    recipe.utterance.pitch = 15 + static_cast<int>(random.Below(76));   // 15..90
  }
  recipe.mix_seed = random.Next();
  char number[16];
  std::snprintf(number, sizeof(number), "%06d", index);
  recipe.path = "clips/" + std::string(SplitName(split)) + "/" +
                std::string(KeywordClasses()[static_cast<size_t>(recipe.label)]) + "/" + number + ".wav";
  return recipe;
}

Result<Wav> MakeClip(const ClipRecipe& recipe, const MixOptions& options, const Synthesizer& synthesizer,
                     const std::filesystem::path& scratch) {
  Wav word;
  if (!recipe.utterance.text.empty()) {
    PHOTINUS_ASSIGN_OR_RETURN(word, synthesizer.Speak(recipe.utterance, scratch));
    if (Trim(ToFloat(word.samples)).empty()) {
      return Unavailable("espeak-ng spoke \"" + recipe.utterance.text + "\" as " + recipe.utterance.voice +
                         " without a sound");
    }
  }
  Random random(recipe.mix_seed);
  return Wav{kClipRate, ToPcm(MixClip(ToFloat(word.samples), word.sample_rate, options, random))};
}

}  // namespace photinus::data
