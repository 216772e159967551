#ifndef PHOTINUS_WORKER_DATA_FEATURE_SCALE_H_
#define PHOTINUS_WORKER_DATA_FEATURE_SCALE_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "worker/base/result.h"

namespace photinus::data {

enum class FeatureKind {
  kLogMel,
  kMfcc,  // the orthonormal DCT-II of a frame's log-mel energies, all of its coefficients
};

// "log-mel" or "mfcc".
std::string_view FeatureKindName(FeatureKind kind);
// InvalidArgument, listing the names, for any other.
Result<FeatureKind> FindFeatureKind(std::string_view name);

// The orthonormal DCT-II of vectors of one length, and its inverse.
//   X[k] = s(k) sum_n x[n] cos(pi (n + 1/2) k / size),  s(0) = sqrt(1 / size), s(k) = sqrt(2 / size)
class Dct {
 public:
  explicit Dct(size_t size);

  // In place; `values` holds whole vectors, one after the other. Thread-safe.
  void Transform(std::span<float> values) const;
  void Invert(std::span<float> values) const;

 private:
  size_t size_;
  std::vector<float> matrix_;      // [k][n]
  std::vector<float> transposed_;  // [n][k]
};

// The way between a network's input and log-mel energies: each bin of a feature is standardised by its own mean and
// deviation. Thread-safe.
class FeatureScale {
 public:
  FeatureScale(FeatureKind kind, std::span<const float> means, std::span<const float> deviations);

  // In place, over whole frames.
  void ToLogMel(std::span<float> frames) const;
  void FromLogMel(std::span<float> frames) const;

 private:
  FeatureKind kind_;
  std::vector<float> means_;
  std::vector<float> deviations_;
  Dct dct_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FEATURE_SCALE_H_
