#include "worker/tflite/requantizer.h"

#include <algorithm>

#include "worker/graph/quantize.h"

namespace photinus::tflite {
namespace {

// LiteRT's depthwise kernel works on 8 channels at a time.
constexpr int kDepthwiseGroup = 8;

}  // namespace

Requantizer::Requantizer(const graph::Op& op, const graph::Quantization& input, const std::vector<float>& scales,
                         const graph::Quantization& output, Rounding rounding)
    : channels_(op.filters),
      rounding_(rounding),
      zero_point_(output.zero_point),
      limits_(ActivationLimits(op.activation, output)) {
  const bool depthwise = op.type == graph::OpType::kDepthwiseConv2D;
  half_up_channels_ = depthwise ? channels_ / kDepthwiseGroup * kDepthwiseGroup : channels_;
  for (int c = 0; c < channels_; ++c) {
    const float scale = scales[scales.size() == 1 ? 0 : c];
    const float product = input.scale * scale;  // rounded to float, as the runtimes do
    factors_.push_back(product / output.scale);
    const double exact = op.type == graph::OpType::kFullyConnected ? double{product} : double{input.scale} * scale;
    fixed_.push_back(ToFixed(exact / output.scale));
  }
}

float Requantizer::LargestMultiplier() const { return *std::max_element(factors_.begin(), factors_.end()); }

void Requantizer::RunXnn(const std::int32_t* sums, std::int8_t* out) const {
  const float low = static_cast<float>(limits_.low - zero_point_);
  const float high = static_cast<float>(limits_.high - zero_point_);
  const float* factors = factors_.data();
  for (int c = 0; c < channels_; ++c) {
    // Clamping to integers before rounding gives what clamping after it would, and keeps the trick in its range.
    const float value = std::min(std::max(static_cast<float>(sums[c]) * factors[c], low), high);
    const float rounded = (value + graph::kRoundToInteger) - graph::kRoundToInteger;
    out[c] = static_cast<std::int8_t>(static_cast<std::int32_t>(rounded) + zero_point_);
  }
}

void Requantizer::RunBuiltin(const std::int32_t* sums, std::int8_t* out) const {
  for (int c = 0; c < channels_; ++c) {
    const Half half = c < half_up_channels_ ? Half::kUp : Half::kAwayFromZero;
    const std::int64_t value = std::int64_t{MultiplyTwoRoundings(sums[c], fixed_[c], half)} + zero_point_;
    out[c] = static_cast<std::int8_t>(std::clamp<std::int64_t>(value, limits_.low, limits_.high));
  }
}

}  // namespace photinus::tflite
