#ifndef PHOTINUS_WORKER_DATA_MANIFEST_H_
#define PHOTINUS_WORKER_DATA_MANIFEST_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/voices.h"

namespace photinus::data {

inline constexpr char kManifestName[] = "manifest.tsv";  // in a data set's folder

// One WAV file of a data set.
struct ManifestEntry {
  std::string path;  // within the data set's folder
  uint64_t bytes = 0;
  std::string sha256;
  Split split = Split::kTrain;
  int label = 0;
  std::string voice;  // empty for silence
  std::string text;
};

// What a data set's folder holds, and how each file must look. The file is text: a title line, one line per clip with
// tab-separated fields in the order of ManifestEntry, and the SHA-256 of all of that.
struct Manifest {
  std::string title;  // everything the set's bytes follow from: generator, task, seed, synthesizer
  std::vector<ManifestEntry> entries;
};

std::string FormatManifest(const Manifest& manifest);

// InvalidArgument, naming the file, if it was cut or changed.
Result<Manifest> ParseManifest(const std::string& content, const std::filesystem::path& path);

// Checks one file's content against its entry. InvalidArgument: "FOLDER/clips/... is truncated: expected N bytes, found
// M" or "... was altered: ...".
Result<void> CheckEntry(const ManifestEntry& entry, const std::string& content, const std::filesystem::path& folder);

// The entries (as indices) whose files are missing.
std::vector<size_t> FindMissing(const Manifest& manifest, const std::filesystem::path& folder);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_MANIFEST_H_
