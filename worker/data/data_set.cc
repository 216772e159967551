#include "worker/data/data_set.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>

#include "worker/data/clip_store.h"
#include "worker/data/file.h"
#include "worker/data/keyword_clip.h"
#include "worker/data/log_mel.h"
#include "worker/data/manifest.h"
#include "worker/data/preset.h"
#include "worker/data/wav.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

// An exclusive lock on a file, released when the object (or the process) ends.
class FolderLock {
 public:
  static Result<FolderLock> Acquire(const std::filesystem::path& path, const DataSetOptions& options) {
    FolderLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (lock.fd_ < 0) return Unavailable("cannot open " + path.string() + ": " + std::strerror(errno));
    bool told = false;
    while (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) {
        return Unavailable("cannot lock " + path.string() + ": " + std::strerror(errno));
      }
      if (options.stop && options.stop()) return Unavailable("stopped");
      if (!told && options.progress) options.progress("waiting for another process to make the data", 0, 0);
      told = true;
      ::usleep(100000);  // flock has no timeout, and a stop must be noticed
    }
    return lock;
  }
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

WorkOptions Stage(const DataSetOptions& options, std::string_view name) {
  WorkOptions work{options.threads, nullptr, options.stop};
  if (options.progress) {
    work.progress = [&options, name](size_t done, size_t total) { options.progress(name, done, total); };
  }
  return work;
}

bool Exists(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at is found out when it is read or written
  return std::filesystem::exists(path, ignored);
}

std::string FeatureKey(const std::string& manifest) {
  return Sha256("log-mel 640/320/1024 40 20-7600 v1\n" + manifest);
}

// Reads every clip, checks it against the manifest and computes its features, not yet standardised.
Result<Features> ComputeFeatures(const std::filesystem::path& folder, const Manifest& manifest,
                                 const WorkOptions& options) {
  const LogMelOptions mel;
  std::vector<std::unique_ptr<LogMel>> extractors;  // one per thread: they have scratch buffers
  extractors.reserve(static_cast<size_t>(options.threads));
  for (int i = 0; i < options.threads; ++i) extractors.push_back(std::make_unique<LogMel>(mel));
  Features features;
  features.frames = static_cast<uint32_t>(extractors[0]->FrameCount(kClipSamples));
  features.bins = static_cast<uint32_t>(mel.bins);
  features.counts = {0, 0, 0};
  const size_t clip_size = features.frames * features.bins;
  features.values.resize(manifest.entries.size() * clip_size);
  for (const ManifestEntry& entry : manifest.entries) {
    ++features.counts[static_cast<size_t>(entry.split)];
    features.labels.push_back(entry.label);
  }
  const auto compute = [&](int thread, size_t i) -> Result<void> {
    const ManifestEntry& entry = manifest.entries[i];
    PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(folder / entry.path));
    PHOTINUS_RETURN_IF_ERROR(CheckEntry(entry, content, folder));
    PHOTINUS_ASSIGN_OR_RETURN(const Wav wav, ParseWav(content, (folder / entry.path).string()));
    if (wav.sample_rate != kClipRate || wav.samples.size() != kClipSamples) {
      return InvalidArgument((folder / entry.path).string() + " is not one second at 16 kHz");
    }
    extractors[static_cast<size_t>(thread)]->Compute(ToFloat(wav.samples),
                                                     std::span(features.values).subspan(i * clip_size, clip_size));
    return {};
  };
  PHOTINUS_RETURN_IF_ERROR(
      ParallelFor(manifest.entries.size(), options.threads, options.progress, options.stop, compute));
  return features;
}

// Each bin to mean 0 and variance 1 over the training clips, which come first.
void Standardise(Features& features) {
  const size_t rows = size_t{features.counts[0]} * features.frames;
  for (size_t bin = 0; bin < features.bins; ++bin) {
    double sum = 0, squares = 0;
    for (size_t row = 0; row < rows; ++row) {
      const auto value = static_cast<double>(features.values[row * features.bins + bin]);
      sum += value;
      squares += value * value;
    }
    const double mean = sum / static_cast<double>(rows);
    const double deviation = std::sqrt(std::max(squares / static_cast<double>(rows) - mean * mean, 1e-12));
    for (size_t i = bin; i < features.values.size(); i += features.bins) {
      features.values[i] = static_cast<float>((static_cast<double>(features.values[i]) - mean) / deviation);
    }
  }
}

// Makes or checks the clips. Returns the manifest's text. The caller holds the lock.
Result<std::string> PrepareClips(const std::filesystem::path& folder, const Preset& preset,
                                 const DataSetOptions& options) {
  const std::filesystem::path path = folder / "manifest.tsv";
  if (!Exists(path)) {
    PHOTINUS_RETURN_IF_ERROR(MakeClips(folder, preset, options.seed, Stage(options, "making clips")));
  }
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  PHOTINUS_ASSIGN_OR_RETURN(const Manifest manifest, ParseManifest(content, path));
  if (manifest.entries.size() != preset.TotalClips()) {
    return InvalidArgument(folder.string() + " was made by another version of photinus-trial; delete this folder");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<size_t> missing, FindMissing(manifest, folder));
  if (!missing.empty()) {
    PHOTINUS_RETURN_IF_ERROR(
        RemakeClips(folder, preset, options.seed, manifest, missing, Stage(options, "making lost clips")));
  }
  return content;
}

// The data set if all of it is there, without a lock, so that a folder that cannot be written serves as well.
// NotFound: something has to be made.
Result<FeatureFile> OpenComplete(const std::filesystem::path& folder) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(folder / "manifest.tsv"));
  PHOTINUS_ASSIGN_OR_RETURN(const Manifest manifest, ParseManifest(content, folder / "manifest.tsv"));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<size_t> missing, FindMissing(manifest, folder));
  if (!missing.empty()) return NotFound("clips are missing in " + folder.string());
  return FeatureFile::Open(folder / "features.bin", FeatureKey(content));
}

}  // namespace

Result<DataSet> DataSet::Open(const DataSetOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const Preset preset, FindPreset(options.preset));
  const std::filesystem::path folder =
      options.data_dir / (std::string(kGeneratorVersion) + "." + preset.name + ".seed" + std::to_string(options.seed));
  if (!options.verify) {
    Result<FeatureFile> complete = OpenComplete(folder);
    if (complete.ok()) return DataSet(std::move(complete).value());
    if (complete.error().code != ErrorCode::kNotFound) return complete.error();
  }
  PHOTINUS_RETURN_IF_ERROR(MakeFolder(folder));
  PHOTINUS_ASSIGN_OR_RETURN(const FolderLock lock, FolderLock::Acquire(folder / "lock", options));
  PHOTINUS_ASSIGN_OR_RETURN(const std::string manifest_text, PrepareClips(folder, preset, options));
  const std::filesystem::path path = folder / "features.bin";
  const std::string key = FeatureKey(manifest_text);
  if (options.verify || !Exists(path)) {
    PHOTINUS_ASSIGN_OR_RETURN(const Manifest manifest, ParseManifest(manifest_text, folder / "manifest.tsv"));
    PHOTINUS_ASSIGN_OR_RETURN(Features features,
                              ComputeFeatures(folder, manifest, Stage(options, "checking clips, computing features")));
    features.key = key;
    Standardise(features);
    if (!FeatureFile::Open(path, key).ok()) PHOTINUS_RETURN_IF_ERROR(WriteFeatureFile(path, features));
  }
  PHOTINUS_ASSIGN_OR_RETURN(FeatureFile features, FeatureFile::Open(path, key));
  return DataSet(std::move(features));
}

Result<DataSet> DataSet::FromFile(const std::filesystem::path& path, const std::string& key) {
  PHOTINUS_ASSIGN_OR_RETURN(FeatureFile features, FeatureFile::Open(path, key));
  return DataSet(std::move(features));
}

std::span<const std::string_view> DataSet::Classes() const { return KeywordClasses(); }

size_t DataSet::Offset(Split split) const {
  size_t offset = 0;
  for (size_t i = 0; i < static_cast<size_t>(split); ++i) offset += features_.counts()[i];
  return offset;
}

int DataSet::Label(Split split, size_t index) const { return features_.labels()[Offset(split) + index]; }

std::span<const float> DataSet::Clip(Split split, size_t index) const { return features_.Clip(Offset(split) + index); }

}  // namespace photinus::data
