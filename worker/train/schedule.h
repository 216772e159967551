#ifndef PHOTINUS_WORKER_TRAIN_SCHEDULE_H_
#define PHOTINUS_WORKER_TRAIN_SCHEDULE_H_

#include <cstdint>

namespace photinus::train {

// What changes over the `total` batches of a training: the learning rate, the way to int8, and when accuracy is
// measured. Batches count from 0. Pure; thread-safe.
class Schedule {
 public:
  // total >= 1; evaluations >= 1.
  Schedule(int64_t total, int evaluations, double peak_learning_rate);

  int64_t total() const { return total_; }

  // A linear warm-up over the first tenth, then a half cosine down to 1 % of the peak.
  double LearningRate(int64_t batch) const;

  // Quantization-aware training takes the last third: weights and activations are rounded as in int8, while ranges of
  // activations are still observed until five sixths. Batch norm's statistics freeze at three quarters.
  bool FakeQuantize(int64_t batch) const { return 3 * batch >= 2 * total_; }
  bool ObserveRanges(int64_t batch) const { return FakeQuantize(batch) && 6 * batch < 5 * total_; }
  bool UpdateStatistics(int64_t batch) const { return 4 * batch < 3 * total_; }

  // Evaluation `step` (1..evaluations) comes after this many batches: evenly spaced, the last one at the end.
  int64_t EvaluationPoint(int step) const;

 private:
  const int64_t total_;
  const int evaluations_;
  const double peak_;
};

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_SCHEDULE_H_
