#include "worker/data/clip_store.h"

#include <unistd.h>

#include <optional>
#include <system_error>
#include <utility>

#include "worker/base/file.h"
#include "worker/data/data_set_options.h"
#include "worker/data/keyword_clip.h"
#include "worker/data/mix.h"
#include "worker/data/sha256.h"
#include "worker/data/speech.h"
#include "worker/data/wav.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

std::vector<ClipRecipe> AllRecipes(const Task& task, uint64_t seed) {
  std::vector<ClipRecipe> recipes;
  for (const Split split : kSplits) {
    for (int index = 0; index < task.ClipCount(split); ++index) recipes.push_back(MakeRecipe(seed, split, index));
  }
  return recipes;
}

std::string Title(const Task& task, uint64_t seed, const Synthesizer& synthesizer) {
  return std::string("photinus data set\tgenerator ") + kKeywordsVersion + "\ttask " + task.name + "\tseed " +
         std::to_string(seed) + "\tespeak-ng " + synthesizer.version();
}

constexpr char kUnfinishedName[] = "unfinished.txt";  // holds the title of the set that is being made

ManifestEntry Entry(const ClipRecipe& recipe, const std::string& content) {
  return {recipe.path,  content.size(),         Sha256(content),      recipe.split,
          recipe.label, recipe.utterance.voice, recipe.utterance.text};
}

Result<ManifestEntry> MakeFile(const std::filesystem::path& folder, const ClipRecipe& recipe, const MixOptions& mix,
                               const Synthesizer& synthesizer, int thread) {
  const std::filesystem::path scratch =
      folder / (kScratchPrefix + std::to_string(::getpid()) + "." + std::to_string(thread));
  PHOTINUS_ASSIGN_OR_RETURN(const Wav clip, MakeClip(recipe, mix, synthesizer, scratch));
  const std::string content = EncodeWav(clip);
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / recipe.path, content));
  return Entry(recipe, content);
}

// A clip that an interrupted call left, if it is whole; files appear by renaming, so only a power failure cuts them.
std::optional<ManifestEntry> FindFile(const std::filesystem::path& folder, const ClipRecipe& recipe) {
  const Result<std::string> content = ReadFile(folder / recipe.path);
  if (!content.ok()) return std::nullopt;
  const Result<Wav> wav = ParseWav(*content, recipe.path);
  if (!wav.ok() || wav->sample_rate != kClipRate || wav->samples.size() != kClipSamples) return std::nullopt;
  return Entry(recipe, *content);
}

// Prepares `folder` for the making of the set `title`. True if clips of the same set may lie there already.
Result<bool> BeginOrResume(const std::filesystem::path& folder, const std::string& title) {
  const Result<std::string> unfinished = ReadFile(folder / kUnfinishedName);
  if (unfinished.ok() && *unfinished == title) return true;
  std::error_code fault;
  std::filesystem::remove_all(folder / "clips", fault);
  if (fault) return Unavailable("cannot remove " + (folder / "clips").string() + ": " + fault.message());
  PHOTINUS_RETURN_IF_ERROR(WriteFileDurably(folder / kUnfinishedName, title));
  return false;
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

Result<Manifest> MakeClips(const std::filesystem::path& folder, const Task& task, uint64_t seed,
                           const WorkOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const Synthesizer synthesizer, Synthesizer::Open());
  Manifest manifest{Title(task, seed, synthesizer), {}};
  PHOTINUS_ASSIGN_OR_RETURN(const bool resumed, BeginOrResume(folder, manifest.title));
  PHOTINUS_RETURN_IF_ERROR(MakeFolders(folder));
  const std::vector<ClipRecipe> recipes = AllRecipes(task, seed);
  manifest.entries.resize(recipes.size());
  const auto make = [&](int thread, size_t i) -> Result<void> {
    if (resumed) {
      if (std::optional<ManifestEntry> found = FindFile(folder, recipes[i])) {
        manifest.entries[i] = *std::move(found);
        return {};
      }
    }
    PHOTINUS_ASSIGN_OR_RETURN(manifest.entries[i], MakeFile(folder, recipes[i], task.mix, synthesizer, thread));
    return {};
  };
  PHOTINUS_RETURN_IF_ERROR(ParallelFor(recipes.size(), options, make));
  PHOTINUS_RETURN_IF_ERROR(WriteFileDurably(folder / kManifestName, FormatManifest(manifest)));
  std::error_code ignored;  // beside a manifest it means nothing
  std::filesystem::remove(folder / kUnfinishedName, ignored);
  return manifest;
}

Result<void> RemakeClips(const std::filesystem::path& folder, const Task& task, uint64_t seed, const Manifest& manifest,
                         const std::vector<size_t>& entries, const WorkOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const Synthesizer synthesizer, Synthesizer::Open());
  PHOTINUS_RETURN_IF_ERROR(MakeFolders(folder));
  const std::vector<ClipRecipe> recipes = AllRecipes(task, seed);
  return ParallelFor(entries.size(), options, [&](int thread, size_t i) -> Result<void> {
    const size_t index = entries[i];
    PHOTINUS_ASSIGN_OR_RETURN(const ManifestEntry made,
                              MakeFile(folder, recipes[index], task.mix, synthesizer, thread));
    if (made.sha256 == manifest.entries[index].sha256) return {};
    return Unavailable(made.path + " came out otherwise than the manifest says (it was made with: " + manifest.title +
                       "; this machine has espeak-ng " + synthesizer.version() + "); delete the folder " +
                       folder.string() + " to make the whole data set again");
  });
}

Result<std::vector<FaultyClip>> FindFaulty(const Manifest& manifest, const std::filesystem::path& folder,
                                           const WorkOptions& options) {
  std::vector<std::string> faults(manifest.entries.size());  // empty where there is none
  const auto check = [&](int, size_t i) -> Result<void> {
    const Result<std::string> content = ReadFile(folder / manifest.entries[i].path);
    if (!content.ok() && content.error().code != ErrorCode::kNotFound) return content.error();
    const Result<void> checked = content.ok() ? CheckEntry(manifest.entries[i], *content, folder) : content.error();
    if (!checked.ok()) faults[i] = checked.error().message;
    return {};
  };
  PHOTINUS_RETURN_IF_ERROR(ParallelFor(faults.size(), options, check));
  std::vector<FaultyClip> faulty;
  for (size_t i = 0; i < faults.size(); ++i) {
    if (!faults[i].empty()) faulty.push_back({i, std::move(faults[i])});
  }
  return faulty;
}

}  // namespace photinus::data
