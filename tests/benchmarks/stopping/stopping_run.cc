#include "tests/benchmarks/stopping/stopping_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/problems/problem.h"
#include "tests/benchmarks/search/searcher.h"
#include "tests/benchmarks/stopping/curve_family.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr std::pair<const char*, StoppingStudy::Told> kTold[] = {{":told=measured", StoppingStudy::Told::kMeasured},
                                                                 {":told=truth", StoppingStudy::Told::kTruth}};

constexpr uint64_t kRepeats = 0x4e9ea7;

uint64_t ChanceSeed(const StoppingKey& key) {
  return key.repeat == 0 ? key.seed : MixSeed(MixSeed(key.seed, kRepeats), static_cast<uint64_t>(key.repeat));
}

// What a search is told, and the rule without the option that says so.
std::pair<StoppingStudy::Told, std::string> ToldAndRule(const std::string& rule) {
  for (const auto& [option, told] : kTold) {
    if (absl::StrContains(rule, option)) return {told, absl::StrReplaceAll(rule, {{option, ""}})};
  }
  return {StoppingStudy::Told::kPredicted, rule};
}

std::string ParameterName(int i) { return absl::StrCat("x", i); }

Problem ProblemOfCurves() {
  pb::StudySpec spec = SpecWithMetric("accuracy", /*maximize=*/true);
  for (int i = 0; i < CurveStudy::kDimensions; ++i) *spec.add_parameters() = DoubleParameter(ParameterName(i), 0, 1);
  return ProblemWithSpec(std::move(spec));
}

// The whole curve of a trial at the point.
LearningCurve WholeCurve(const CurveStudy& study, const Flatten& flatten, const Point& point, int64_t trial_id,
                         int horizon) {
  CurveStudy::Coordinates x;
  const UnitPoint unit = *flatten.ToUnit(point);
  std::copy(unit.begin(), unit.end(), x.begin());
  LearningCurve whole{.trial_id = trial_id, .features = std::vector<double>(unit.size())};
  flatten.ToFeatures(unit, whole.features.data());
  for (const double value : study.Curve(x, trial_id, horizon)) {
    whole.points.push_back({static_cast<double>(whole.points.size() + 1), value});
  }
  whole.goal = whole.points.back().value;
  return whole;
}

}  // namespace

absl::StatusOr<EarlyStoppingSettings> RuleSettings(const std::string& rule, double horizon) {
  Json settings = {{"horizon", horizon}};
  for (const absl::string_view part : absl::StrSplit(ToldAndRule(rule).second, ':')) {
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
  ASSIGN_OR_RETURN(const auto searcher, MakeSearcher(key.algorithm, problem, ChanceSeed(key)));
  const uint64_t chance = ChanceSeed(key);
  const Flatten flatten(problem.space);
  const CurveStudy curves(*FindCurveFamily(key.family), key.seed, chance);
  StoppingStudy study(*rule, {.horizon = key.horizon, .seed = chance, .told = ToldAndRule(key.rule).first});
  for (int64_t trial = 1; trial <= key.trials; ++trial) {
    ASSIGN_OR_RETURN(const std::vector<Point> points, searcher->Ask(trial, 1));
    ASSIGN_OR_RETURN(const double told, study.Run(WholeCurve(curves, flatten, points.at(0), trial, key.horizon)));
    RETURN_IF_ERROR(searcher->Tell({{.trial_id = trial, .point = points[0], .objectives = {told}}}));
  }
  return StoppingRun{key, study.Outcome()};
}

Json ToJson(const StoppingRun& run) {
  return {{"family", run.key.family},           {"rule", run.key.rule},
          {"algorithm", run.key.algorithm},     {"seed", run.key.seed},
          {"trials", run.key.trials},           {"horizon", run.key.horizon},
          {"repeat", run.key.repeat},           {"saved", run.outcome.saved},
          {"best", run.outcome.best},           {"hindsight_loss", run.outcome.hindsight_loss},
          {"stops", run.outcome.stops},         {"false_stops", run.outcome.false_stops},
          {"score_rms", run.outcome.score_rms}, {"quantile_rms", run.outcome.quantile_rms},
          {"check_us", run.outcome.check_us},   {"learn_seconds", run.outcome.learn_seconds}};
}

StoppingRun StoppingRunFromJson(const Json& line) {
  return {.key = {.family = line.at("family"),
                  .rule = line.at("rule"),
                  .algorithm = line.at("algorithm"),
                  .seed = line.at("seed"),
                  .trials = line.at("trials"),
                  .horizon = line.at("horizon"),
                  .repeat = line.value("repeat", 0)},
          .outcome = {.saved = line.at("saved"),
                      .best = line.at("best"),
                      .hindsight_loss = line.at("hindsight_loss"),
                      .stops = line.at("stops"),
                      .false_stops = line.at("false_stops"),
                      .score_rms = line.value("score_rms", std::vector<double>()),
                      .quantile_rms = line.value("quantile_rms", std::vector<double>()),
                      .check_us = line.at("check_us"),
                      .learn_seconds = line.at("learn_seconds")}};
}

}  // namespace photinus
