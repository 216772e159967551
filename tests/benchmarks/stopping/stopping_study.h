// A study whose trials' curves are known to their ends, under a stopping rule.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_STUDY_H_
#define PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_STUDY_H_

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {

// What became of it.
struct StudyOutcome {
  double saved = 0;           // share of the compute of full trials
  double best = 0;            // the best goal of a full trial
  double hindsight_loss = 0;  // how much better the best goal was that any trial would have had
  int stops = 0;
  int false_stops = 0;  // of those: would have ended better than the incumbent of that time
  // By what is known at 10, 20 and 50 % of the horizon, of all trials: the root of the mean square of the scores (end -
  // predicted) / deviation, and that of the quantiles q of the ends, P(end below what it was) = Phi(q) [quantile
  // residuals: Dunn & Smyth 1996], which is 1, too, of right predictions of whatever shape, such as those of trials
  // that may fall (chances are those of decisions, a little wider while full trials are few). Empty where the rule
  // predicts nothing.
  std::vector<double> score_rms, quantile_rms;
  double check_us = 0;       // median CPU time of a decision
  double learn_seconds = 0;  // CPU time of the longest lesson
};

// More of a curve is better. Trials run one after the other, and the rule learns between them.
class StoppingStudy {
 public:
  // What a search is told of a stopped trial, but nothing better than the incumbent.
  enum class Told {
    kPredicted,  // what the rule predicts; its last value where it predicts nothing
    kMeasured,   // its last value
    kTruth,      // how it would have ended: what no rule can know, to tell its two losses apart
  };
  struct Options {
    int horizon = 50;
    uint64_t seed = 0;
    bool curve_is_objective = true;  // StudyCurves
    Told told = Told::kPredicted;
  };

  // The rule is borrowed.
  StoppingStudy(const StoppingRule& rule, const Options& options) : rule_(rule), options_(options) {}

  // Runs a trial, whose whole curve and goal are given, until the rule stops it or it ends. Gives what a search is told
  // of it: its goal, or if it is stopped what Options::told says.
  absl::StatusOr<double> Run(const LearningCurve& whole);

  StudyOutcome Outcome() const;

 private:
  StudyCurves Curves() const;
  double ToldOf(const LearningCurve& whole, const CurvePoint& last, const StoppingDecision& decision) const;
  void Score(const LearningCurve& whole);
  absl::StatusOr<StoppingDecision> Check(const LearningCurve& trial);
  void Finish(LearningCurve trial);

  const StoppingRule& rule_;
  const Options options_;
  std::vector<std::shared_ptr<const LearningCurve>> finished_;
  std::shared_ptr<const StoppingModel> model_;
  int64_t learnt_from_ = 0;
  double best_ = -std::numeric_limits<double>::infinity(), best_in_hindsight_ = best_;
  int64_t steps_ = 0;
  std::vector<double> check_seconds_;
  std::array<std::vector<double>, 3> scores_, quantiles_;
  StudyOutcome outcome_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_STUDY_H_
