#include "worker/data/feature_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <string_view>
#include <system_error>
#include <utility>

#include "worker/base/file.h"
#include "worker/base/file_descriptor.h"
#include "worker/data/sha256.h"

namespace photinus::data {
namespace {

constexpr size_t kKeySize = 64;
constexpr size_t kDigestSize = 64;
constexpr uint32_t kMaxSide = 4096;        // frames or bins
constexpr uint32_t kMaxClips = 100000000;  // of one split

// What the file begins with. Shape, labels, means, deviations, values and backgrounds follow, all of four bytes, then
// the digest of those.
struct Title {
  char magic[8];
  char key[kKeySize];
};
constexpr std::string_view kMagic = "PHOTFEA3";
constexpr std::string_view kAnyMagic = "PHOTFEA";  // of all versions

struct Shape {
  uint32_t frames;
  uint32_t bins;
  uint32_t counts[3];
  uint32_t backgrounds;
};

template <typename T>
std::string_view Bytes(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

Error Damaged(const std::filesystem::path& path, const std::string& what) {
  return InvalidArgument(path.string() + " " + what);
}

// Whether a file is what its digest says. status: of the file.
Result<void> CheckDigest(const std::filesystem::path& path, std::string_view hashed, const std::string& digest,
                         const struct stat& status, Check check) {
  const std::string note_path = path.string() + ".checked";
  const std::string note = std::to_string(status.st_size) + " bytes, of second " +
                           std::to_string(status.st_mtim.tv_sec) + " and " + std::to_string(status.st_mtim.tv_nsec) +
                           " ns, SHA-256 " + digest + "\n";
  const Result<std::string> found = ReadFile(note_path);
  const bool known = found.ok() && *found == note;
  if (known && check == Check::kChanges) return {};
  if (Sha256(hashed) != digest) {
    std::error_code ignored;
    std::filesystem::remove(note_path, ignored);
    return Damaged(path, "was altered: its SHA-256 does not match");
  }
  if (!known) static_cast<void>(WriteFile(note_path, note));  // without it, all is read the next time
  return {};
}

}  // namespace

Result<void> WriteFeatureFile(const std::filesystem::path& path, const Features& features) {
  const size_t clip_size = size_t{features.frames} * features.bins;
  if (features.key.size() != kKeySize || features.counts.size() != 3 || features.means.size() != features.bins ||
      features.deviations.size() != features.bins || features.backgrounds.size() % clip_size != 0) {
    return Internal("features without a key, counts or statistics");
  }
  Shape shape = {.frames = features.frames, .bins = features.bins, .counts = {}, .backgrounds = 0};
  std::ranges::copy(features.counts, shape.counts);
  shape.backgrounds = static_cast<uint32_t>(features.backgrounds.size() / clip_size);
  // Not as one string: the values of a large data set are gigabytes.
  std::vector<std::string_view> parts = {Bytes(std::span<const Shape>(&shape, 1)), Bytes(std::span(features.labels))};
  for (const std::vector<float>* part :
       {&features.means, &features.deviations, &features.values, &features.backgrounds}) {
    parts.push_back(Bytes(std::span(*part)));
  }
  const std::string digest = Sha256(parts);
  const std::string title = std::string(kMagic) + features.key;
  parts.insert(parts.begin(), title);
  parts.push_back(digest);
  return WritePartsDurably(path, parts);
}

Result<FeatureFile> FeatureFile::Open(const std::filesystem::path& path, const std::string& key, Check check) {
  const FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status = {};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0) {
    std::string message = "cannot read " + path.string() + ": " + std::strerror(errno);
    return errno == ENOENT || errno == ENOTDIR ? NotFound(std::move(message)) : Unavailable(std::move(message));
  }
  FeatureFile file;
  file.size_ = static_cast<size_t>(status.st_size);
  if (file.size_ < sizeof(Title) + sizeof(Shape) + kDigestSize) {
    return Damaged(path, "is truncated: found " + std::to_string(file.size_) + " bytes");
  }
  void* mapping = ::mmap(nullptr, file.size_, PROT_READ, MAP_SHARED, descriptor.get(), 0);
  if (mapping == MAP_FAILED) return Unavailable("cannot map " + path.string() + ": " + std::strerror(errno));
  file.mapping_ = mapping;

  const char* content = static_cast<const char*>(mapping);
  const auto& title = *static_cast<const Title*>(mapping);
  const auto& shape = *reinterpret_cast<const Shape*>(content + sizeof(Title));
  const std::string_view magic(title.magic, sizeof(title.magic));
  if (magic != kMagic && magic.starts_with(kAnyMagic)) {
    return NotFound(path.string() + " was made by another version of photinus-trial");
  }
  file.frames_ = shape.frames;
  file.bins_ = shape.bins;
  file.counts_ = shape.counts;
  bool sane = magic == kMagic && shape.frames <= kMaxSide && shape.bins <= kMaxSide;
  for (const uint32_t count : shape.counts) sane = sane && count <= kMaxClips;
  sane = sane && shape.backgrounds <= kMaxClips;
  if (!sane) return Damaged(path, "is no feature file");
  const size_t clips = std::accumulate(file.counts_.begin(), file.counts_.end(), size_t{0});
  const size_t clip_size = size_t{file.frames_} * file.bins_;
  const size_t numbers = clips + 2 * size_t{file.bins_} + (clips + shape.backgrounds) * clip_size;
  const size_t expected = sizeof(Title) + sizeof(Shape) + 4 * numbers + kDigestSize;
  if (file.size_ != expected) {
    return Damaged(path, (file.size_ < expected ? "is truncated: expected " : "was altered: expected ") +
                             std::to_string(expected) + " bytes, found " + std::to_string(file.size_));
  }
  const std::string_view hashed(content + sizeof(Title), file.size_ - sizeof(Title) - kDigestSize);
  file.digest_ = std::string_view(content + file.size_ - kDigestSize, kDigestSize);
  PHOTINUS_RETURN_IF_ERROR(CheckDigest(path, hashed, file.digest_, status, check));
  if (std::string_view(title.key, kKeySize) != key) return NotFound(path.string() + " was made from other clips");
  const char* labels = hashed.data() + sizeof(Shape);
  file.labels_ = {reinterpret_cast<const int32_t*>(labels), clips};
  std::span<const float> rest = {reinterpret_cast<const float*>(labels + 4 * clips), numbers - clips};
  const auto take = [&rest](size_t count) { return std::exchange(rest, rest.subspan(count)).first(count); };
  file.means_ = take(file.bins_);
  file.deviations_ = take(file.bins_);
  file.values_ = take(clips * clip_size);
  file.backgrounds_ = rest;
  return file;
}

bool FeatureFile::Holds(const Features& features) const {
  return std::ranges::equal(counts_, features.counts) && std::ranges::equal(labels_, features.labels) &&
         std::ranges::equal(values_, features.values) && std::ranges::equal(means_, features.means) &&
         std::ranges::equal(deviations_, features.deviations) && std::ranges::equal(backgrounds_, features.backgrounds);
}

FeatureFile::FeatureFile(FeatureFile&& other) noexcept { *this = std::move(other); }

FeatureFile& FeatureFile::operator=(FeatureFile&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(size_, other.size_);
  std::swap(digest_, other.digest_);
  std::swap(frames_, other.frames_);
  std::swap(bins_, other.bins_);
  std::swap(counts_, other.counts_);
  std::swap(labels_, other.labels_);
  std::swap(values_, other.values_);
  std::swap(means_, other.means_);
  std::swap(deviations_, other.deviations_);
  std::swap(backgrounds_, other.backgrounds_);
  return *this;
}

FeatureFile::~FeatureFile() {
  if (mapping_ != nullptr) ::munmap(mapping_, size_);
}

}  // namespace photinus::data
