#ifndef PHOTINUS_WORKER_DATA_CLIP_STORE_H_
#define PHOTINUS_WORKER_DATA_CLIP_STORE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "worker/base/parallel.h"
#include "worker/base/result.h"
#include "worker/data/manifest.h"
#include "worker/data/task.h"

namespace photinus::data {

// Speaks, mixes and writes every clip of a data set into `folder`, its manifest last: a folder with a manifest is
// complete. Equal tasks and seeds give equal files, whatever the number of threads. Where an earlier call was
// interrupted, its clips are kept, if the same espeak-ng spoke them. Returns the manifest. NotFound: no espeak-ng.
// Unavailable: disk full, no permission, stopped.
Result<Manifest> MakeClips(const std::filesystem::path& folder, const Task& task, uint64_t seed,
                           const WorkOptions& options);

// Makes some clips again (`entries`: indices into the manifest's entries). Unavailable if another version of espeak-ng
// speaks them otherwise than the manifest says; the rest as MakeClips.
Result<void> RemakeClips(const std::filesystem::path& folder, const Task& task, uint64_t seed, const Manifest& manifest,
                         const std::vector<size_t>& entries, const WorkOptions& options);

// A clip whose file is not what the manifest says.
struct FaultyClip {
  size_t entry = 0;   // index into the manifest's entries
  std::string fault;  // names the file: missing, truncated or altered
};

// Reads every clip. Unavailable: a file that is there cannot be read.
Result<std::vector<FaultyClip>> FindFaulty(const Manifest& manifest, const std::filesystem::path& folder,
                                           const WorkOptions& options);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_CLIP_STORE_H_
