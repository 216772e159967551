#include "tests/benchmarks/stopping/stopping_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "nlohmann/json.hpp"
#include "server/stopping/final_model.h"
#include "tests/benchmarks/search/problems/problem.h"
#include "tests/benchmarks/search/searcher.h"
#include "tests/benchmarks/search/statistics.h"
#include "tests/benchmarks/stopping/curve_family.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr std::array<double, 3> kScoredShares = {0.1, 0.2, 0.5};

constexpr char kToldMeasured[] = ":told=measured";

constexpr double kUpper = 0.841;  // of a standard normal below 1

double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);  // others' load does not count
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string ParameterName(int i) { return absl::StrCat("x", i); }

Problem ProblemOfCurves() {
  pb::StudySpec spec = SpecWithMetric("accuracy", /*maximize=*/true);
  for (int i = 0; i < CurveStudy::kDimensions; ++i) *spec.add_parameters() = DoubleParameter(ParameterName(i), 0, 1);
  return ProblemWithSpec(std::move(spec));
}

// One search, trial by trial.
class Study {
 public:
  Study(const StoppingKey& key, const StoppingRule& rule, const Problem& problem)
      : key_(key),
        rule_(rule),
        study_(*FindCurveFamily(key.family), key.seed),
        flatten_(problem.space),
        run_{.key = key} {}

  // What the algorithm is told of the trial.
  absl::StatusOr<double> Run(const Point& point, int64_t trial_id);
  StoppingRun Result();

 private:
  StudyCurves Curves() const {
    return {.finished = finished_, .horizon = static_cast<double>(key_.horizon), .seed = key_.seed};
  }
  void Score(const LearningCurve& whole);
  absl::StatusOr<StoppingDecision> Check(const LearningCurve& trial);
  void Finish(LearningCurve trial);

  const StoppingKey& key_;
  const StoppingRule& rule_;
  const CurveStudy study_;
  const Flatten flatten_;
  std::vector<std::shared_ptr<const LearningCurve>> finished_;
  std::shared_ptr<const StoppingModel> model_;
  int64_t learnt_from_ = 0;
  double best_ = -std::numeric_limits<double>::infinity(), best_in_hindsight_ = best_;
  int64_t steps_ = 0;
  std::vector<double> check_seconds_;
  std::array<std::vector<double>, kScoredShares.size()> scores_;
  StoppingRun run_;
};

// How well the model would have predicted the trial's last value.
void Study::Score(const LearningCurve& whole) {
  const auto* model = dynamic_cast<const FinalModel*>(model_.get());
  if (model == nullptr) return;
  for (size_t i = 0; i < kScoredShares.size(); ++i) {
    const FinalPrediction final = model->Predict(whole, static_cast<size_t>(kScoredShares[i] * key_.horizon), 0);
    scores_[i].push_back((whole.points.back().value - final.mean) / final.stddev);
  }
}

absl::StatusOr<StoppingDecision> Study::Check(const LearningCurve& trial) {
  const double begin = ThreadSeconds();
  auto decision = rule_.Decide({.trial = trial, .study = Curves(), .model = model_.get()});
  check_seconds_.push_back(ThreadSeconds() - begin);
  return decision;
}

void Study::Finish(LearningCurve trial) {
  trial.finished = true;
  trial.stopped_early = trial.points.size() < static_cast<size_t>(key_.horizon);
  if (!trial.stopped_early) {
    trial.goal = trial.points.back().value;
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
  run_.learn_seconds = std::max(run_.learn_seconds, ThreadSeconds() - begin);
}

absl::StatusOr<double> Study::Run(const Point& point, int64_t trial_id) {
  CurveStudy::Coordinates x;
  const UnitPoint unit = *flatten_.ToUnit(point);
  std::copy(unit.begin(), unit.end(), x.begin());
  LearningCurve trial{.trial_id = trial_id, .features = std::vector<double>(unit.size())};
  flatten_.ToFeatures(unit, trial.features.data());
  LearningCurve whole = trial;
  for (const double value : study_.Curve(x, trial_id, key_.horizon)) {
    whole.points.push_back({static_cast<double>(whole.points.size() + 1), value});
  }
  const double last = whole.points.back().value;
  best_in_hindsight_ = std::max(best_in_hindsight_, last);
  Score(whole);
  double told = last;
  for (const CurvePoint& point_now : whole.points) {
    trial.points.push_back(point_now);
    if (trial.points.size() == whole.points.size()) break;
    ASSIGN_OR_RETURN(const StoppingDecision decision, Check(trial));
    if (!decision.stop) continue;
    ++run_.stops;
    run_.false_stops += last > best_ ? 1 : 0;
    const bool measured = absl::StrContains(key_.rule, kToldMeasured) || !decision.predicted_final.has_value();
    told = measured ? point_now.value : std::min(*decision.predicted_final, best_);
    break;
  }
  steps_ += static_cast<int64_t>(trial.points.size());
  Finish(std::move(trial));
  return told;
}

StoppingRun Study::Result() {
  run_.saved = 1 - static_cast<double>(steps_) / (static_cast<double>(key_.trials) * key_.horizon);
  run_.best = best_;
  run_.hindsight_loss = best_in_hindsight_ - best_;
  for (const std::vector<double>& scores : scores_) {
    if (!scores.empty()) run_.score_deviations.push_back((Quantile(scores, kUpper) - Quantile(scores, 1 - kUpper)) / 2);
  }
  run_.check_us = check_seconds_.empty() ? 0 : 1e6 * Median(check_seconds_);
  return run_;
}

}  // namespace

absl::StatusOr<EarlyStoppingSettings> RuleSettings(const std::string& rule, double horizon) {
  Json settings = {{"horizon", horizon}};
  for (const absl::string_view part : absl::StrSplit(absl::StrReplaceAll(rule, {{kToldMeasured, ""}}), ':')) {
    const std::pair<std::string, std::string> option = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (settings.size() == 1 && !settings.contains("rule")) {
      settings["rule"] = option.first;
      continue;
    }
    const Json value = Json::parse(option.second, nullptr, /*allow_exceptions=*/false);
    settings[option.first] = value.is_discarded() ? Json(option.second) : value;
  }
  ASSIGN_OR_RETURN(const StudyDocument document, ParseStudyDocument(Json{{"early_stopping", settings}}.dump()));
  return *document.early_stopping;
}

absl::StatusOr<StoppingRun> RunStopping(const StoppingKey& key) {
  if (FindCurveFamily(key.family) == nullptr) return absl::NotFoundError(absl::StrCat("no family ", key.family));
  ASSIGN_OR_RETURN(const EarlyStoppingSettings settings, RuleSettings(key.rule, key.horizon));
  ASSIGN_OR_RETURN(const auto rule, MakeStoppingRule(settings));
  const Problem problem = ProblemOfCurves();
  ASSIGN_OR_RETURN(const auto searcher, MakeSearcher(key.algorithm, problem, key.seed));
  Study study(key, *rule, problem);
  for (int64_t trial = 1; trial <= key.trials; ++trial) {
    ASSIGN_OR_RETURN(const std::vector<Point> points, searcher->Ask(trial, 1));
    ASSIGN_OR_RETURN(const double told, study.Run(points.at(0), trial));
    RETURN_IF_ERROR(searcher->Tell({{.trial_id = trial, .point = points[0], .objectives = {told}}}));
  }
  return study.Result();
}

Json ToJson(const StoppingRun& run) {
  return {{"family", run.key.family},
          {"rule", run.key.rule},
          {"algorithm", run.key.algorithm},
          {"seed", run.key.seed},
          {"trials", run.key.trials},
          {"horizon", run.key.horizon},
          {"saved", run.saved},
          {"best", run.best},
          {"hindsight_loss", run.hindsight_loss},
          {"stops", run.stops},
          {"false_stops", run.false_stops},
          {"score_deviations", run.score_deviations},
          {"check_us", run.check_us},
          {"learn_seconds", run.learn_seconds}};
}

StoppingRun StoppingRunFromJson(const Json& line) {
  return {.key = {.family = line.at("family"),
                  .rule = line.at("rule"),
                  .algorithm = line.at("algorithm"),
                  .seed = line.at("seed"),
                  .trials = line.at("trials"),
                  .horizon = line.at("horizon")},
          .saved = line.at("saved"),
          .best = line.at("best"),
          .hindsight_loss = line.at("hindsight_loss"),
          .stops = line.at("stops"),
          .false_stops = line.at("false_stops"),
          .score_deviations = line.at("score_deviations"),
          .check_us = line.at("check_us"),
          .learn_seconds = line.at("learn_seconds")};
}

}  // namespace photinus
