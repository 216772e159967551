// A problem on which search algorithms are compared: its optimum is known.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_PROBLEM_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_PROBLEM_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/pb.h"
#include "common/base/random.h"
#include "common/space/search_space.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// One instance of a problem. Its functions are pure.
struct Problem {
  pb::StudySpec spec;                 // parameters, metrics, observation noise
  SearchSpace space;                  // the spec's
  std::vector<Objective> objectives;  // the spec's
  // Without noise, one value per objective, in the metric's own units; NaN: infeasible.
  std::function<std::vector<double>(const Point&)> values;
  // On the outcome, and a point's slack for each (EvaluatedPoint); null: there are none.
  std::vector<Constraint> constraints;
  std::function<std::vector<double>(const Point&)> slacks;
  // What an evaluation shows of a point with these values; null: the values themselves.
  std::function<std::vector<double>(const Point&, const std::vector<double>& values, Random&)> observe;
  double optimum = 0;               // of one objective: its best value; of several: the hypervolume of all points
  std::vector<double> reference;    // of several objectives, all minimised: the corner of that hypervolume
  Point optimizer;                  // of one objective: a point that has the optimum
  double regret_of_infeasible = 0;  // what counts until a point is feasible
};

// A problem with this space and these metrics; the rest is for the caller to fill in. Ends the program if the spec is
// invalid.
Problem ProblemWithSpec(pb::StudySpec spec);

// What an algorithm is told of a point: `trial` and `seed` fix the noise.
std::vector<double> Observe(const Problem& problem, const Point& point, uint64_t seed, int64_t trial);
EvaluatedPoint Evaluate(const Problem& problem, const Point& point, uint64_t seed, int64_t trial);

// What a point is worth: its values without noise, NaN if it is infeasible or violates a constraint.
std::vector<double> WorthOf(const Problem& problem, const Point& point);

bool IsInfeasible(const std::vector<double>& values);

// The simple regret after each trial, never below 0: of one objective the distance of the best noise-free value so far
// from the optimum; of several what the hypervolume of the values so far lacks. values: WorthOf, one per trial.
std::vector<double> RegretCurve(const Problem& problem, const std::vector<std::vector<double>>& values);

// Building specs.
pb::StudySpec SpecWithMetric(const std::string& metric, bool maximize);
pb::StudySpec::ParameterSpec DoubleParameter(const std::string& id, double min, double max);
pb::StudySpec::ParameterSpec LogParameter(const std::string& id, double min, double max);
pb::StudySpec::ParameterSpec IntegerParameter(const std::string& id, int min, int max);
pb::StudySpec::ParameterSpec DiscreteParameter(const std::string& id, const std::vector<double>& values);
pb::StudySpec::ParameterSpec CategoricalParameter(const std::string& id, const std::vector<std::string>& values);
// Makes `child` active while the parent has one of these values.
void AddChild(pb::StudySpec::ParameterSpec& parent, const std::vector<std::string>& categories,
              pb::StudySpec::ParameterSpec child);
void AddChild(pb::StudySpec::ParameterSpec& parent, const std::vector<int>& integers,
              pb::StudySpec::ParameterSpec child);

// 0..levels-1 in a random order: what the categories "a", "b", ... of an instance mean, so that no algorithm profits
// from the order in which a spec lists them.
std::vector<int> PermutedLevels(int levels, Random& random);
std::vector<std::string> Letters(int levels);
std::string Letter(int index);
// The index of the letter that a parameter of the point has.
int LetterAt(const Point& point, const std::string& id);
double NumberAt(const Point& point, const std::string& id);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_PROBLEM_H_
