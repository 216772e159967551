#include "worker/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace photinus::train {
namespace {

constexpr double kWarmUp = 0.1;  // of all batches
constexpr double kFloor = 0.01;  // of the peak

}  // namespace

Schedule::Schedule(int64_t total, int evaluations, double peak_learning_rate)
    : total_(total), evaluations_(evaluations), peak_(peak_learning_rate) {}

double Schedule::LearningRate(int64_t batch) const {
  const double warm_up = std::max(1.0, kWarmUp * static_cast<double>(total_));
  const double done = static_cast<double>(batch);
  if (done + 1 < warm_up) return peak_ * (done + 1) / warm_up;
  const double progress = (done - warm_up) / std::max(1.0, static_cast<double>(total_) - warm_up);
  const double cosine = 0.5 + 0.5 * std::cos(std::numbers::pi * std::clamp(progress, 0.0, 1.0));
  return peak_ * (kFloor + (1 - kFloor) * cosine);
}

int64_t Schedule::EvaluationPoint(int step) const { return (total_ * step + evaluations_ - 1) / evaluations_; }

}  // namespace photinus::train
