#include "tests/benchmarks/stopping/stopping_cost.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"
#include "server/stopping/stopping_rule.h"
#include "tests/benchmarks/search/statistics.h"
#include "tests/benchmarks/stopping/curve_family.h"
#include "tests/benchmarks/stopping/stopping_run.h"
#include "tests/support/thread_seconds.h"

namespace photinus {
namespace {

constexpr uint64_t kSeed = 1;
constexpr int kFirstCurves = 40, kNewestCurves = 1000;  // as the server shows rules of large studies

// Of a random point, shown up to `points` of its values.
LearningCurve RandomCurve(const CurveStudy& study, const CostSetting& setting, int64_t trial, int points) {
  Random random(MixSeed(kSeed, static_cast<uint64_t>(trial)));
  LearningCurve curve{.trial_id = trial};
  for (int i = 0; i < setting.parameters; ++i) curve.features.push_back(random.Uniform());
  CurveStudy::Coordinates x{};
  std::copy_n(curve.features.begin(), std::min(x.size(), curve.features.size()), x.begin());
  const std::vector<double> values = study.Curve(x, trial, setting.points);
  for (int i = 0; i < points; ++i) curve.points.push_back({i + 1.0, values[static_cast<size_t>(i)]});
  return curve;
}

double MedianMicroseconds(const std::vector<double>& seconds) { return seconds.empty() ? 0 : 1e6 * Median(seconds); }

}  // namespace

absl::StatusOr<StoppingCost> MeasureCost(const CostSetting& setting) {
  ASSIGN_OR_RETURN(const EarlyStoppingSettings settings, RuleSettings(setting.rule, setting.points));
  ASSIGN_OR_RETURN(const auto rule, MakeStoppingRule(settings));
  const CurveStudy curves(*FindCurveFamily("crossing"), kSeed);
  std::vector<std::shared_ptr<const LearningCurve>> finished;
  for (int trial = 1; trial <= setting.trials; ++trial) {
    if (trial > kFirstCurves && trial <= setting.trials - kNewestCurves) continue;
    const bool stopped = trial % 2 == 0;
    const int points = stopped ? setting.points / 10 + trial % (setting.points / 2) : setting.points;
    LearningCurve curve = RandomCurve(curves, setting, trial, points);
    curve.finished = true;
    curve.stopped_early = stopped;
    if (!stopped) curve.goal = curve.points.back().value;
    finished.push_back(std::make_shared<const LearningCurve>(std::move(curve)));
  }
  const StudyCurves study{.finished = finished, .horizon = static_cast<double>(setting.points), .seed = kSeed};
  StoppingCost cost;
  double begin = ThreadSeconds();
  const auto model = rule->Learn(study, nullptr);
  cost.lesson_seconds = ThreadSeconds() - begin;
  std::vector<double> all, go_on, stop;
  for (int check = 0; check < setting.checks; ++check) {
    const int points = 5 + check % (setting.points - 5);
    const LearningCurve trial = RandomCurve(curves, setting, setting.trials + 1 + check, points);
    begin = ThreadSeconds();
    ASSIGN_OR_RETURN(const StoppingDecision decision,
                     rule->Decide({.trial = trial, .study = study, .model = model.get()}));
    all.push_back(ThreadSeconds() - begin);
    (decision.stop ? stop : go_on).push_back(all.back());
  }
  cost.check_us = MedianMicroseconds(all);
  cost.go_on_us = MedianMicroseconds(go_on);
  cost.stop_us = MedianMicroseconds(stop);
  return cost;
}

nlohmann::json ToJson(const CostSetting& setting, const StoppingCost& cost) {
  return {{"rule", setting.rule},      {"trials", setting.trials},
          {"points", setting.points},  {"parameters", setting.parameters},
          {"check_us", cost.check_us}, {"go_on_us", cost.go_on_us},
          {"stop_us", cost.stop_us},   {"lesson_seconds", cost.lesson_seconds}};
}

}  // namespace photinus
