#include "worker/data/feature_scale.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace photinus::data {
namespace {

// Replaces each vector x of `values` by matrix * x.
void Multiply(const std::vector<float>& transposed, size_t size, std::span<float> values) {
  std::vector<float> product(size);
  for (size_t start = 0; start + size <= values.size(); start += size) {
    std::fill(product.begin(), product.end(), 0.0f);
    for (size_t n = 0; n < size; ++n) {
      const float x = values[start + n];
      for (size_t k = 0; k < size; ++k) product[k] += transposed[n * size + k] * x;
    }
    std::copy(product.begin(), product.end(), values.begin() + static_cast<std::ptrdiff_t>(start));
  }
}

}  // namespace

std::string_view FeatureKindName(FeatureKind kind) { return kind == FeatureKind::kMfcc ? "mfcc" : "log-mel"; }

Result<FeatureKind> FindFeatureKind(std::string_view name) {
  for (const FeatureKind kind : {FeatureKind::kLogMel, FeatureKind::kMfcc}) {
    if (FeatureKindName(kind) == name) return kind;
  }
  return InvalidArgument("unknown features \"" + std::string(name) + "\"; known are: log-mel, mfcc");
}

Dct::Dct(size_t size) : size_(size), matrix_(size * size), transposed_(size * size) {
  for (size_t k = 0; k < size; ++k) {
    for (size_t n = 0; n < size; ++n) {
      const double angle = std::numbers::pi * (static_cast<double>(n) + 0.5) * static_cast<double>(k);
      const double scale = std::sqrt((k == 0 ? 1 : 2) / static_cast<double>(size));
      matrix_[k * size + n] = static_cast<float>(scale * std::cos(angle / static_cast<double>(size)));
      transposed_[n * size + k] = matrix_[k * size + n];
    }
  }
}

void Dct::Transform(std::span<float> values) const { Multiply(transposed_, size_, values); }

void Dct::Invert(std::span<float> values) const { Multiply(matrix_, size_, values); }

FeatureScale::FeatureScale(FeatureKind kind, std::span<const float> means, std::span<const float> deviations)
    : kind_(kind),
      means_(means.begin(), means.end()),
      deviations_(deviations.begin(), deviations.end()),
      dct_(means.size()) {}

void FeatureScale::ToLogMel(std::span<float> frames) const {
  for (size_t i = 0; i < frames.size(); ++i) {
    const size_t bin = i % means_.size();
    frames[i] = frames[i] * deviations_[bin] + means_[bin];
  }
  if (kind_ == FeatureKind::kMfcc) dct_.Invert(frames);
}

void FeatureScale::FromLogMel(std::span<float> frames) const {
  if (kind_ == FeatureKind::kMfcc) dct_.Transform(frames);
  for (size_t i = 0; i < frames.size(); ++i) {
    const size_t bin = i % means_.size();
    frames[i] = (frames[i] - means_[bin]) / deviations_[bin];
  }
}

}  // namespace photinus::data
