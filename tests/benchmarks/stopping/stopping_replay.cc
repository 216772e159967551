#include "tests/benchmarks/stopping/stopping_replay.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "common/spaces/named_spaces.h"
#include "common/study_document/named_space.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/problems/problem.h"
#include "tests/benchmarks/stopping/stopping_run.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kSeed = 1;  // which trials are exempt
constexpr double kPoints = 100;

Problem KeywordsProblem() {
  pb::StudySpec spec = SpecWithMetric("reward", /*maximize=*/true);
  AppendSpace(*spaces::FindSpace("keywords-small"), spec);
  return ProblemWithSpec(std::move(spec));
}

Point PointOf(const Json& parameters) {
  Point point;
  for (const auto& [name, value] : parameters.items()) {
    if (value.is_string()) {
      point[name] = value.get<std::string>();
    } else {
      point[name] = value.get<double>();
    }
  }
  return point;
}

// Throws what nlohmann throws.
LearningCurve CurveOf(const Flatten& flatten, const Json& line) {
  LearningCurve curve{.trial_id = line.at("trial"), .goal = line.at("goal"), .offset = line.at("offset")};
  for (const double value : line.at("curve")) {
    curve.points.push_back({static_cast<double>(curve.points.size() + 1), value});
  }
  if (const auto unit = flatten.ToUnit(PointOf(line.at("parameters"))); unit.has_value()) {
    curve.features.resize(static_cast<size_t>(flatten.feature_dimension()));
    flatten.ToFeatures(*unit, curve.features.data());
  }
  return curve;
}

}  // namespace

absl::StatusOr<std::vector<RecordedStudy>> ReadRecordedStudies(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  const Problem problem = KeywordsProblem();
  const Flatten flatten(problem.space);
  std::vector<RecordedStudy> studies;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    try {
      const Json line = Json::parse(text);
      const std::string name = line.at("study");
      if (studies.empty() || studies.back().name != name) studies.push_back({.name = name});
      studies.back().trials.push_back(CurveOf(flatten, line));
    } catch (const Json::exception& error) {
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": ", error.what()));
    }
  }
  return studies;
}

absl::StatusOr<StudyOutcome> ReplayStudy(const std::string& rule, const RecordedStudy& study) {
  size_t horizon = 0;
  for (const LearningCurve& trial : study.trials) horizon = std::max(horizon, trial.points.size());
  ASSIGN_OR_RETURN(const EarlyStoppingSettings settings, RuleSettings(rule, static_cast<double>(horizon)));
  ASSIGN_OR_RETURN(const auto made, MakeStoppingRule(settings));
  StoppingStudy replay(*made, {.horizon = static_cast<int>(horizon), .seed = kSeed, .curve_is_objective = false});
  for (const LearningCurve& trial : study.trials) RETURN_IF_ERROR(replay.Run(trial).status());
  return replay.Outcome();
}

absl::StatusOr<std::string> ReplayTable(const std::vector<std::string>& rules,
                                        const std::vector<RecordedStudy>& studies) {
  std::string table =
      "| study | trials | rule | saved % | stops | false stops | hindsight loss, points "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const RecordedStudy& study : studies) {
    for (const std::string& rule : rules) {
      ASSIGN_OR_RETURN(const StudyOutcome outcome, ReplayStudy(rule, study));
      absl::StrAppendFormat(&table, "| %s | %d | %s | %.1f | %d | %d | %.2f |\n", study.name, study.trials.size(), rule,
                            100 * outcome.saved, outcome.stops, outcome.false_stops, kPoints * outcome.hindsight_loss);
    }
  }
  return table;
}

}  // namespace photinus
