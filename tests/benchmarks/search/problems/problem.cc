#include "tests/benchmarks/search/problems/problem.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>

#include "tests/benchmarks/search/hypervolume.h"

namespace photinus {
namespace {

constexpr uint64_t kNoiseStream = 0x401e;

std::vector<double> SingleObjectiveRegrets(const Problem& problem, const std::vector<std::vector<double>>& values) {
  std::vector<double> curve;
  double least = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& value : values) {
    if (!IsInfeasible(value)) {
      const double gap = problem.objectives[0].maximize ? problem.optimum - value[0] : value[0] - problem.optimum;
      least = std::min(least, std::max(gap, 0.0));
    }
    curve.push_back(std::isfinite(least) ? least : problem.regret_of_infeasible);
  }
  return curve;
}

std::vector<double> MissingHypervolumes(const Problem& problem, const std::vector<std::vector<double>>& values) {
  std::vector<double> curve;
  ParetoFront front(problem.reference);
  for (const std::vector<double>& value : values) {
    front.Add(value);
    curve.push_back(std::max(problem.optimum - front.Hypervolume(), 0.0));
  }
  return curve;
}

}  // namespace

Problem ProblemWithSpec(pb::StudySpec spec) {
  Problem problem;
  auto space = SearchSpace::FromSpec(spec);
  if (!space.ok()) {
    std::fprintf(stderr, "%s\n", space.status().ToString().c_str());
    std::abort();
  }
  problem.space = *std::move(space);
  for (const auto& metric : spec.metrics()) {
    problem.objectives.push_back(
        {.metric = metric.metric_id(), .maximize = metric.goal() == pb::StudySpec::MetricSpec::MAXIMIZE});
  }
  problem.spec = std::move(spec);
  return problem;
}

std::vector<double> Observe(const Problem& problem, const Point& point, uint64_t seed, int64_t trial) {
  const std::vector<double> values = problem.values(point);
  if (!problem.observe || IsInfeasible(values)) return values;
  Random random(MixSeed(MixSeed(seed, kNoiseStream), static_cast<uint64_t>(trial)));
  return problem.observe(point, values, random);
}

EvaluatedPoint Evaluate(const Problem& problem, const Point& point, uint64_t seed, int64_t trial) {
  EvaluatedPoint evaluated{.trial_id = trial, .point = point, .objectives = Observe(problem, point, seed, trial)};
  evaluated.infeasible = IsInfeasible(evaluated.objectives);
  if (problem.slacks) evaluated.slacks = problem.slacks(point);
  return evaluated;
}

std::vector<double> WorthOf(const Problem& problem, const Point& point) {
  if (problem.slacks && Violates(problem.slacks(point))) {
    return std::vector<double>(problem.objectives.size(), std::numeric_limits<double>::quiet_NaN());
  }
  return problem.values(point);
}

bool IsInfeasible(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
}

std::vector<double> RegretCurve(const Problem& problem, const std::vector<std::vector<double>>& values) {
  return problem.objectives.size() == 1 ? SingleObjectiveRegrets(problem, values)
                                        : MissingHypervolumes(problem, values);
}

pb::StudySpec SpecWithMetric(const std::string& metric, bool maximize) {
  pb::StudySpec spec;
  auto& added = *spec.add_metrics();
  added.set_metric_id(metric);
  added.set_goal(maximize ? pb::StudySpec::MetricSpec::MAXIMIZE : pb::StudySpec::MetricSpec::MINIMIZE);
  return spec;
}

pb::StudySpec::ParameterSpec DoubleParameter(const std::string& id, double min, double max) {
  pb::StudySpec::ParameterSpec parameter;
  parameter.set_parameter_id(id);
  parameter.mutable_double_value_spec()->set_min_value(min);
  parameter.mutable_double_value_spec()->set_max_value(max);
  return parameter;
}

pb::StudySpec::ParameterSpec LogParameter(const std::string& id, double min, double max) {
  pb::StudySpec::ParameterSpec parameter = DoubleParameter(id, min, max);
  parameter.set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE);
  return parameter;
}

pb::StudySpec::ParameterSpec IntegerParameter(const std::string& id, int min, int max) {
  pb::StudySpec::ParameterSpec parameter;
  parameter.set_parameter_id(id);
  parameter.mutable_integer_value_spec()->set_min_value(min);
  parameter.mutable_integer_value_spec()->set_max_value(max);
  return parameter;
}

pb::StudySpec::ParameterSpec DiscreteParameter(const std::string& id, const std::vector<double>& values) {
  pb::StudySpec::ParameterSpec parameter;
  parameter.set_parameter_id(id);
  parameter.mutable_discrete_value_spec()->mutable_values()->Add(values.begin(), values.end());
  return parameter;
}

pb::StudySpec::ParameterSpec CategoricalParameter(const std::string& id, const std::vector<std::string>& values) {
  pb::StudySpec::ParameterSpec parameter;
  parameter.set_parameter_id(id);
  for (const std::string& value : values) parameter.mutable_categorical_value_spec()->add_values(value);
  return parameter;
}

void AddChild(pb::StudySpec::ParameterSpec& parent, const std::vector<std::string>& categories,
              pb::StudySpec::ParameterSpec child) {
  auto& added = *parent.add_conditional_parameter_specs();
  for (const std::string& value : categories) added.mutable_parent_categorical_values()->add_values(value);
  *added.mutable_parameter_spec() = std::move(child);
}

void AddChild(pb::StudySpec::ParameterSpec& parent, const std::vector<int>& integers,
              pb::StudySpec::ParameterSpec child) {
  auto& added = *parent.add_conditional_parameter_specs();
  for (const int value : integers) added.mutable_parent_int_values()->add_values(value);
  *added.mutable_parameter_spec() = std::move(child);
}

std::vector<int> PermutedLevels(int levels, Random& random) {
  std::vector<int> order(levels);
  std::iota(order.begin(), order.end(), 0);
  random.Shuffle(order);
  return order;
}

std::string Letter(int index) { return std::string(1, static_cast<char>('a' + index)); }

std::vector<std::string> Letters(int levels) {
  std::vector<std::string> letters;
  for (int i = 0; i < levels; ++i) letters.push_back(Letter(i));
  return letters;
}

int LetterAt(const Point& point, const std::string& id) {
  return std::get<std::string>(point.find(id)->second)[0] - 'a';
}

double NumberAt(const Point& point, const std::string& id) { return std::get<double>(point.find(id)->second); }

}  // namespace photinus
