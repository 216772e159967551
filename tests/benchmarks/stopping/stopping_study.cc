#include "tests/benchmarks/stopping/stopping_study.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "boost/math/special_functions/erf.hpp"
#include "common/base/status_macros.h"
#include "server/stopping/final_model.h"
#include "tests/benchmarks/search/statistics.h"
#include "tests/support/thread_seconds.h"

namespace photinus {
namespace {

constexpr std::array<double, 3> kScoredShares = {0.1, 0.2, 0.5};

constexpr double kLeastChance = 1e-15;

// What a standard normal exceeds with this chance.
double NormalExceededWith(double chance) {
  return M_SQRT2 * boost::math::erfc_inv(2 * std::clamp(chance, kLeastChance, 1 - kLeastChance));
}

double RootMeanSquare(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace

StudyCurves StoppingStudy::Curves() const {
  return {.finished = finished_,
          .horizon = static_cast<double>(options_.horizon),
          .curve_is_objective = options_.curve_is_objective,
          .seed = options_.seed};
}

// How well the model would have predicted the trial's goal.
void StoppingStudy::Score(const LearningCurve& whole) {
  const auto* model = dynamic_cast<const FinalModel*>(model_.get());
  if (model == nullptr) return;
  for (size_t i = 0; i < kScoredShares.size(); ++i) {
    const auto points = static_cast<size_t>(kScoredShares[i] * options_.horizon);
    const double goal = whole.ValueFor(*whole.goal);
    const FinalPrediction final = model->Predict(whole, points, goal);
    if (!(final.stddev > 0)) continue;  // nothing can be told
    scores_[i].push_back((goal - final.mean) / final.stddev);
    quantiles_[i].push_back(final.chance > 0 ? NormalExceededWith(final.chance) : scores_[i].back());  // else it fell
  }
}

absl::StatusOr<StoppingDecision> StoppingStudy::Check(const LearningCurve& trial) {
  const double begin = ThreadSeconds();
  auto decision = rule_.Decide({.trial = trial, .study = Curves(), .model = model_.get()});
  check_seconds_.push_back(ThreadSeconds() - begin);
  return decision;
}

void StoppingStudy::Finish(LearningCurve trial) {
  trial.finished = true;
  if (trial.stopped_early) {
    trial.goal.reset();
  } else {
    best_ = std::max(best_, *trial.goal);
  }
  finished_.push_back(std::make_shared<const LearningCurve>(std::move(trial)));
  const auto now = static_cast<int64_t>(finished_.size());
  if (!rule_.LearnsAnew(learnt_from_, now)) return;
  const double begin = ThreadSeconds();
  if (auto model = rule_.Learn(Curves(), nullptr); model != nullptr) {
    model_ = std::move(model);
    learnt_from_ = now;
  }
  outcome_.learn_seconds = std::max(outcome_.learn_seconds, ThreadSeconds() - begin);
}

double StoppingStudy::ToldOf(const LearningCurve& whole, const CurvePoint& last,
                             const StoppingDecision& decision) const {
  if (options_.told == Told::kTruth) return *whole.goal;
  const bool predicted = options_.told == Told::kPredicted && decision.predicted_final.has_value();
  return predicted ? *decision.predicted_final : whole.GoalAt(last.value);
}

absl::StatusOr<double> StoppingStudy::Run(const LearningCurve& whole) {
  best_in_hindsight_ = std::max(best_in_hindsight_, *whole.goal);
  Score(whole);
  LearningCurve trial = whole;
  trial.points.clear();
  trial.goal.reset();
  double told = *whole.goal;
  for (const CurvePoint& point : whole.points) {
    trial.points.push_back(point);
    if (trial.points.size() == whole.points.size()) break;
    ASSIGN_OR_RETURN(const StoppingDecision decision, Check(trial));
    if (!decision.stop) continue;
    ++outcome_.stops;
    outcome_.false_stops += *whole.goal > best_ ? 1 : 0;
    told = std::min(ToldOf(whole, point, decision), best_);
    trial.stopped_early = true;
    break;
  }
  steps_ += static_cast<int64_t>(trial.points.size());
  trial.goal = whole.goal;
  Finish(std::move(trial));
  return told;
}

StudyOutcome StoppingStudy::Outcome() const {
  StudyOutcome outcome = outcome_;
  const auto all = static_cast<double>(finished_.size()) * options_.horizon;
  outcome.saved = all > 0 ? 1 - static_cast<double>(steps_) / all : 0;
  outcome.best = best_;
  outcome.hindsight_loss = best_in_hindsight_ - best_;
  for (size_t i = 0; i < scores_.size(); ++i) {
    if (scores_[i].empty()) continue;
    outcome.score_rms.push_back(RootMeanSquare(scores_[i]));
    outcome.quantile_rms.push_back(RootMeanSquare(quantiles_[i]));
  }
  outcome.check_us = check_seconds_.empty() ? 0 : 1e6 * Median(check_seconds_);
  return outcome;
}

}  // namespace photinus
