#ifndef PHOTINUS_WORKER_DATA_CLIP_STORE_H_
#define PHOTINUS_WORKER_DATA_CLIP_STORE_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "worker/data/manifest.h"
#include "worker/data/parallel.h"
#include "worker/data/preset.h"
#include "worker/graph/result.h"

namespace photinus::data {

// How work on a whole data set is done.
struct WorkOptions {
  int threads = 2;
  ProgressFunction progress;
  StopFunction stop;
};

// Speaks, mixes and writes every clip of a data set into `folder`, its manifest last: a folder with a manifest is
// complete. Equal presets and seeds give equal files, whatever the number of threads. Returns the manifest. NotFound:
// no espeak-ng. Unavailable: disk full, no permission, stopped.
Result<Manifest> MakeClips(const std::filesystem::path& folder, const Preset& preset, uint64_t seed,
                           const WorkOptions& options);

// Makes again the files that are missing (indices into the manifest's entries). InvalidArgument if another version of
// espeak-ng speaks them otherwise than the manifest says.
Result<void> RemakeClips(const std::filesystem::path& folder, const Preset& preset, uint64_t seed,
                         const Manifest& manifest, const std::vector<size_t>& missing, const WorkOptions& options);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_CLIP_STORE_H_
