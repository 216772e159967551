#ifndef PHOTINUS_WORKER_DATA_FEATURE_FILE_H_
#define PHOTINUS_WORKER_DATA_FEATURE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "worker/base/result.h"

namespace photinus::data {

// The features of a data set, as made.
struct Features {
  std::string key;  // 64 characters: names what the numbers are made from
  uint32_t frames = 0;
  uint32_t bins = 0;
  std::vector<uint32_t> counts;    // clips in train, validation, test
  std::vector<int32_t> labels;     // of all clips, split after split
  std::vector<float> values;       // [clips x frames x bins]
  std::vector<float> means;        // [bins]; the values are (feature - mean) / deviation
  std::vector<float> deviations;   // [bins]
  std::vector<float> backgrounds;  // [any number x frames x bins], standardised in the same way
};

// Writes all of it, and a SHA-256 over all but the key, to one file. Unavailable: disk full, no permission.
Result<void> WriteFeatureFile(const std::filesystem::path& path, const Features& features);

// How a feature file is checked when it is opened. A file that was found whole gets a note beside it, FILE.checked: its
// size, time and SHA-256 then.
enum class Check {
  kWhole,    // all is read
  kChanges,  // all is read unless the note says that it was whole as it stands there
};

// A feature file mapped read-only into memory, so that trials on one machine share its pages. Thread-safe.
class FeatureFile {
 public:
  // NotFound: no such file, or it was made from something else than `key` names, or by another version of this program.
  // InvalidArgument: cut or altered.
  static Result<FeatureFile> Open(const std::filesystem::path& path, const std::string& key,
                                  Check check = Check::kWhole);

  FeatureFile(FeatureFile&& other) noexcept;
  FeatureFile& operator=(FeatureFile&& other) noexcept;
  ~FeatureFile();

  // The SHA-256 of its content: features and labels, whatever they are made from.
  const std::string& digest() const { return digest_; }
  uint32_t frames() const { return frames_; }
  uint32_t bins() const { return bins_; }
  std::span<const uint32_t> counts() const { return counts_; }
  std::span<const int32_t> labels() const { return labels_; }
  // Whether it has exactly these labels and values.
  bool Holds(const Features& features) const;
  std::span<const float> means() const { return means_; }
  std::span<const float> deviations() const { return deviations_; }
  size_t background_count() const { return backgrounds_.size() / (frames_ * bins_); }
  std::span<const float> Background(size_t index) const {
    return backgrounds_.subspan(index * frames_ * bins_, frames_ * bins_);
  }
  // [frames x bins] of clip `index`, counted over all splits.
  std::span<const float> Clip(size_t index) const { return values_.subspan(index * frames_ * bins_, frames_ * bins_); }

 private:
  FeatureFile() = default;

  void* mapping_ = nullptr;
  size_t size_ = 0;
  std::string digest_;
  uint32_t frames_ = 0;
  uint32_t bins_ = 0;
  std::span<const uint32_t> counts_;
  std::span<const int32_t> labels_;
  std::span<const float> values_;
  std::span<const float> means_;
  std::span<const float> deviations_;
  std::span<const float> backgrounds_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FEATURE_FILE_H_
