#include "worker/train/optimizer.h"

#include <cmath>
#include <utility>

namespace photinus::train {
namespace {

constexpr double kMeanDecay = 0.9;
constexpr double kSquareDecay = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

AdamW::AdamW(Tensor values, Tensor gradients, const Tensor& decayed, double weight_decay)
    : values_(std::move(values)),
      gradients_(std::move(gradients)),
      decay_(decayed * weight_decay),
      mean_(torch::zeros_like(values_)),
      square_(torch::zeros_like(values_)) {}

AdamW::Memory AdamW::Remembered() const { return {ToVector(mean_), ToVector(square_), steps_}; }

void AdamW::Remember(const Memory& memory) {
  CopyInto(memory.mean, mean_);
  CopyInto(memory.square, square_);
  steps_ = memory.steps;
}

void AdamW::Step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  ++steps_;
  mean_.mul_(kMeanDecay).add_(gradients_, 1 - kMeanDecay);
  square_.mul_(kSquareDecay).addcmul_(gradients_, gradients_, 1 - kSquareDecay);
  const double mean_correction = 1 - std::pow(kMeanDecay, steps_);
  const double square_correction = 1 - std::pow(kSquareDecay, steps_);
  const Tensor denominator = square_.sqrt().div_(std::sqrt(square_correction)).add_(kEpsilon);
  values_.addcmul_(values_, decay_, -learning_rate);
  values_.addcdiv_(mean_, denominator, -learning_rate / mean_correction);
  gradients_.zero_();
}

}  // namespace photinus::train
