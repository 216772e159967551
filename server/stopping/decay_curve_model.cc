#include "server/stopping/decay_curve_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "common/study_document/warm_up.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::RowVectorXd;
using Eigen::VectorXd;

constexpr Index kBuckets = 8;
constexpr int kStages = 19;  // every twentieth of the horizon
constexpr size_t kMaxTrials = 120;
constexpr double kLengthscales[] = {0.5, 1, 2, 4};
constexpr double kNoises[] = {0.003, 0.01, 0.03, 0.1, 0.3, 1};  // of the goals' variance
constexpr double kSmallest = 1e-12;                             // deviation, of the largest value

// The means over equal buckets of [0, step]; an empty bucket has the value of the one before, the first ones that of
// the first value. nullopt: there is no value up to step.
std::optional<RowVectorXd> BucketsUpTo(const LearningCurve& curve, size_t points, double step) {
  RowVectorXd sums = RowVectorXd::Zero(kBuckets), counts = sums;
  std::optional<double> first;
  for (const CurvePoint& point : CleanPoints(curve, points)) {
    if (point.step > step) break;
    if (!first.has_value()) first = point.value;
    const Index bucket =
        std::clamp<Index>(static_cast<Index>(std::ceil(point.step / step * kBuckets)) - 1, 0, kBuckets - 1);
    sums[bucket] += point.value;
    counts[bucket] += 1;
  }
  if (!first.has_value()) return std::nullopt;
  double before = *first;
  for (Index b = 0; b < kBuckets; ++b) {
    if (counts[b] > 0) before = sums[b] / counts[b];
    sums[b] = before;
  }
  return sums;
}

MatrixXd Covariance(const MatrixXd& a, const MatrixXd& b, double lengthscale) {
  const MatrixXd product = a * b.transpose();
  const VectorXd a_norms = a.rowwise().squaredNorm(), b_norms = b.rowwise().squaredNorm();
  const MatrixXd squares = (-2 * product).colwise() + a_norms;
  const double scale = -0.5 / (lengthscale * lengthscale * kBuckets);
  return product / kBuckets + (scale * (squares.rowwise() + b_norms.transpose())).array().exp().matrix();
}

// The largest magnitude, which stands for the unit of the values; 1 where all are 0.
double UnitOf(const MatrixXd& values) {
  const double largest = values.cwiseAbs().maxCoeff();
  return largest > 0 ? largest : 1;
}

// Squares in the values' own unit, so that none is too large or too small for a double.
double Deviation(const VectorXd& values, double unit) {
  const Eigen::ArrayXd in_unit = values.array() / unit;
  const double variance = (in_unit - in_unit.mean()).square().mean();
  return unit * std::max(std::sqrt(variance), kSmallest);
}

}  // namespace

DecayCurveModel::Stage DecayCurveModel::LearnStage(double step, MatrixXd curves, const VectorXd& goals) {
  Stage stage{.step = step, .mean = curves.colwise().mean(), .deviation = RowVectorXd(kBuckets)};
  const double unit = UnitOf(curves);
  for (Index b = 0; b < kBuckets; ++b) stage.deviation[b] = Deviation(curves.col(b), unit);
  stage.curves = (curves.rowwise() - stage.mean).array().rowwise() / stage.deviation.array();
  double best = -std::numeric_limits<double>::infinity();
  for (const double lengthscale : kLengthscales) {
    const MatrixXd covariance = Covariance(stage.curves, stage.curves, lengthscale);
    for (const double noise : kNoises) {
      MatrixXd noisy = covariance;
      noisy.diagonal().array() += noise;
      Eigen::LLT<MatrixXd> factor(noisy);
      VectorXd alpha = factor.solve(goals);
      const double density = -0.5 * goals.dot(alpha) - factor.matrixLLT().diagonal().array().log().sum();
      if (!(density > best)) continue;
      best = density;
      stage.lengthscale = lengthscale;
      stage.noise = noise;
      stage.factor = std::move(factor);
      stage.alpha = std::move(alpha);
    }
  }
  return stage;
}

std::shared_ptr<const DecayCurveModel> DecayCurveModel::Learn(const StudyCurves& study,
                                                              const std::function<bool()>& cancelled) {
  const double horizon = HorizonOf(study);
  if (horizon == 0) return nullptr;
  std::vector<const LearningCurve*> full;
  for (const auto& curve : study.finished) {
    if (IsFull(*curve, horizon) && curve->goal.has_value()) full.push_back(curve.get());
  }
  std::sort(full.begin(), full.end(), [](const auto* a, const auto* b) { return a->trial_id > b->trial_id; });
  if (std::ssize(full) < WarmUp(1)) return nullptr;
  full.resize(std::min(full.size(), kMaxTrials));
  const Index n = static_cast<Index>(full.size());
  VectorXd goals(n);
  for (Index i = 0; i < n; ++i) goals[i] = full[static_cast<size_t>(i)]->ValueFor(*full[static_cast<size_t>(i)]->goal);
  const std::shared_ptr<DecayCurveModel> model(new DecayCurveModel);
  model->goal_mean_ = goals.mean();
  model->goal_deviation_ = Deviation(goals, UnitOf(goals));
  goals = (goals.array() - model->goal_mean_) / model->goal_deviation_;
  for (int stage = 1; stage <= kStages; ++stage) {
    if (cancelled && cancelled()) return nullptr;
    const double step = horizon * stage / (kStages + 1);
    MatrixXd curves(n, kBuckets);
    VectorXd their_goals(n);
    Index known = 0;  // of those that have a value by then
    for (Index i = 0; i < n; ++i) {
      const LearningCurve& curve = *full[static_cast<size_t>(i)];
      const auto buckets = BucketsUpTo(curve, curve.points.size(), step);
      if (!buckets.has_value()) continue;
      curves.row(known) = *buckets;
      their_goals[known++] = goals[i];
    }
    if (known < WarmUp(1)) continue;
    Stage learnt = LearnStage(step, curves.topRows(known), their_goals.head(known));
    if (learnt.alpha.size() > 0) model->stages_.push_back(std::move(learnt));
  }
  return model;
}

FinalPrediction DecayCurveModel::Predict(const LearningCurve& trial, size_t points, double reference) const {
  const double last = points == 0 ? 0 : trial.points[points - 1].step;
  const auto after =
      std::find_if(stages_.begin(), stages_.end(), [&](const Stage& stage) { return stage.step > last; });
  const auto buckets = after == stages_.begin() ? std::nullopt : BucketsUpTo(trial, points, std::prev(after)->step);
  if (!buckets.has_value()) return {.mean = goal_mean_, .stddev = 0, .chance = 1};
  const Stage& stage = *std::prev(after);
  const MatrixXd curve = (*buckets - stage.mean).array() / stage.deviation.array();
  const VectorXd k = Covariance(stage.curves, curve, stage.lengthscale).col(0);
  const VectorXd left = stage.factor.matrixL().solve(k);
  const double mean = k.dot(stage.alpha);
  const double variance =
      std::max(Covariance(curve, curve, stage.lengthscale)(0, 0) - left.squaredNorm(), 0.0) + stage.noise;
  const double z = ((reference - goal_mean_) / goal_deviation_ - mean) / std::sqrt(variance);
  return {.mean = goal_mean_ + goal_deviation_ * mean,
          .stddev = goal_deviation_ * std::sqrt(variance),
          .chance = 0.5 * std::erfc(z / std::sqrt(2.0))};
}

size_t DecayCurveModel::bytes() const {
  size_t numbers = 0;
  for (const Stage& stage : stages_)
    numbers += static_cast<size_t>(stage.curves.size() + stage.factor.matrixLLT().size());
  return sizeof *this + sizeof(double) * numbers;
}

}  // namespace photinus
