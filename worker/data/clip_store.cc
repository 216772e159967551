#include "worker/data/clip_store.h"

#include <unistd.h>

#include "worker/data/file.h"
#include "worker/data/keyword_clip.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

std::vector<ClipRecipe> AllRecipes(const Preset& preset, uint64_t seed) {
  std::vector<ClipRecipe> recipes;
  for (const Split split : kSplits) {
    for (int index = 0; index < preset.ClipCount(split); ++index) recipes.push_back(MakeRecipe(seed, split, index));
  }
  return recipes;
}

std::string Title(const Preset& preset, uint64_t seed, const Synthesizer& synthesizer) {
  return std::string("photinus data set\tgenerator ") + kGeneratorVersion + "\tpreset " + preset.name + "\tseed " +
         std::to_string(seed) + "\tespeak-ng " + synthesizer.version();
}

Result<ManifestEntry> MakeFile(const std::filesystem::path& folder, const ClipRecipe& recipe, const MixOptions& mix,
                               const Synthesizer& synthesizer, int thread) {
  const std::filesystem::path scratch = folder / ("word." + std::to_string(::getpid()) + "." + std::to_string(thread));
  PHOTINUS_ASSIGN_OR_RETURN(const Wav clip, MakeClip(recipe, mix, synthesizer, scratch));
  const std::string content = EncodeWav(clip);
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / recipe.path, content));
  return ManifestEntry{recipe.path,  content.size(),         Sha256(content),      recipe.split,
                       recipe.label, recipe.utterance.voice, recipe.utterance.text};
}

Result<void> MakeFolders(const std::filesystem::path& folder) {
  for (const Split split : kSplits) {
    for (const std::string_view name : KeywordClasses()) {
      PHOTINUS_RETURN_IF_ERROR(MakeFolder(folder / "clips" / SplitName(split) / name));
    }
  }
  return {};
}

}  // namespace

Result<Manifest> MakeClips(const std::filesystem::path& folder, const Preset& preset, uint64_t seed,
                           const WorkOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const Synthesizer synthesizer, Synthesizer::Open());
  PHOTINUS_RETURN_IF_ERROR(MakeFolders(folder));
  const std::vector<ClipRecipe> recipes = AllRecipes(preset, seed);
  Manifest manifest{Title(preset, seed, synthesizer), std::vector<ManifestEntry>(recipes.size())};
  PHOTINUS_RETURN_IF_ERROR(ParallelFor(
      recipes.size(), options.threads, options.progress, options.stop, [&](int thread, size_t i) -> Result<void> {
        PHOTINUS_ASSIGN_OR_RETURN(manifest.entries[i], MakeFile(folder, recipes[i], preset.mix, synthesizer, thread));
        return {};
      }));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / "manifest.tsv", FormatManifest(manifest)));
  return manifest;
}

Result<void> RemakeClips(const std::filesystem::path& folder, const Preset& preset, uint64_t seed,
                         const Manifest& manifest, const std::vector<size_t>& missing, const WorkOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const Synthesizer synthesizer, Synthesizer::Open());
  PHOTINUS_RETURN_IF_ERROR(MakeFolders(folder));
  const std::vector<ClipRecipe> recipes = AllRecipes(preset, seed);
  return ParallelFor(
      missing.size(), options.threads, options.progress, options.stop, [&](int thread, size_t i) -> Result<void> {
        const size_t index = missing[i];
        PHOTINUS_ASSIGN_OR_RETURN(const ManifestEntry made,
                                  MakeFile(folder, recipes[index], preset.mix, synthesizer, thread));
        if (made.sha256 == manifest.entries[index].sha256) return {};
        return InvalidArgument(made.path + " came out otherwise than the manifest says (it was made with: " +
                               manifest.title + "; this machine has espeak-ng " + synthesizer.version() +
                               "); delete the folder " + folder.string() + " to make the whole data set again");
      });
}

}  // namespace photinus::data
