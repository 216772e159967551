#include "tests/benchmarks/search/problems/box_function.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/space/flatten.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr int kOrdinalLevels = 5, kCategories = 4;
constexpr double kOrdinalStep = 2, kCategoryStep = 2.5;  // all levels fit the box around any optimizer
constexpr double kLargestOffset = 100;                   // of the optimum from 0
constexpr int kNoiseSample = 1000;
constexpr double kDiverged = 0.05, kDivergence = 1e6;

// How one coordinate of the box is a parameter.
struct Coordinate {
  std::string id;
  std::vector<double> levels;  // empty: a double
  bool categorical = false;

  double At(const Point& point) const {
    if (levels.empty()) return NumberAt(point, id);
    return categorical ? levels[LetterAt(point, id)] : NumberAt(point, id);
  }
  pb::StudySpec::ParameterSpec Spec() const {
    if (levels.empty()) return DoubleParameter(id, -kBoxSide, kBoxSide);
    return categorical ? CategoricalParameter(id, Letters(static_cast<int>(levels.size())))
                       : DiscreteParameter(id, levels);
  }
  ParameterValue ValueOf(double x) const {
    if (!categorical) return x;
    return Letter(static_cast<int>(std::find(levels.begin(), levels.end(), x) - levels.begin()));
  }
};

// Levels `step` apart inside the box, one of which is `optimum`; which one is drawn.
std::vector<double> LevelsAround(double optimum, int count, double step, Random& random) {
  std::vector<int> possible;  // how many levels lie below the optimum
  for (int below = 0; below < count; ++below) {
    if (optimum - below * step >= -kBoxSide && optimum + (count - 1 - below) * step <= kBoxSide) {
      possible.push_back(below);
    }
  }
  const int below = possible[random.Below(possible.size())];
  std::vector<double> levels;
  for (int k = 0; k < count; ++k) levels.push_back(optimum + (k - below) * step);
  return levels;
}

Problem ProblemOf(const BoxFunction& function, const std::vector<Coordinate>& coordinates, Random& random) {
  pb::StudySpec spec = SpecWithMetric("f", /*maximize=*/false);
  for (const Coordinate& coordinate : coordinates) *spec.add_parameters() = coordinate.Spec();
  Problem problem = ProblemWithSpec(std::move(spec));
  problem.optimum = kLargestOffset * (2 * random.Uniform() - 1);
  for (size_t i = 0; i < coordinates.size(); ++i) {
    problem.optimizer[coordinates[i].id] = coordinates[i].ValueOf(function.optimizer[static_cast<Index>(i)]);
  }
  problem.values = [value = function.value, coordinates, offset = problem.optimum](const Point& point) {
    VectorXd x(static_cast<Index>(coordinates.size()));
    for (size_t i = 0; i < coordinates.size(); ++i) x[static_cast<Index>(i)] = coordinates[i].At(point);
    return std::vector<double>{offset + value(x)};
  };
  return problem;
}

std::vector<Coordinate> Doubles(Index dimension) {
  std::vector<Coordinate> coordinates;
  for (Index i = 0; i < dimension; ++i) coordinates.push_back({.id = absl::StrCat("x", i)});
  return coordinates;
}

}  // namespace

Problem ContinuousProblem(const BoxFunction& function, Random& random) {
  return ProblemOf(function, Doubles(function.optimizer.size()), random);
}

Problem MixedProblem(const BoxFunction& function, Random& random) {
  const int dimension = static_cast<int>(function.optimizer.size());
  std::vector<Coordinate> coordinates = Doubles(dimension);
  const std::vector<int> order = PermutedLevels(dimension, random);
  for (int k = 0; k < 2 * (dimension / 3); ++k) {
    Coordinate& coordinate = coordinates[order[k]];
    const double optimum = function.optimizer[order[k]];
    coordinate.categorical = k % 2 == 1;
    coordinate.levels = coordinate.categorical ? LevelsAround(optimum, kCategories, kCategoryStep, random)
                                               : LevelsAround(optimum, kOrdinalLevels, kOrdinalStep, random);
    if (coordinate.categorical) random.Shuffle(coordinate.levels);
  }
  return ProblemOf(function, coordinates, random);
}

Problem WithNoise(Problem problem, double fraction, uint64_t seed) {
  Random random(seed);
  const Flatten flatten(problem.space);
  std::vector<double> sample;
  for (int i = 0; i < kNoiseSample; ++i) {
    UnitPoint unit(flatten.dimension());
    for (double& u : unit) u = random.Uniform();
    sample.push_back(problem.values(flatten.ToPoint(unit))[0]);
  }
  std::sort(sample.begin(), sample.end());
  const double deviation = fraction * (sample[kNoiseSample * 3 / 4] - sample[kNoiseSample / 4]);
  problem.spec.set_observation_noise(pb::StudySpec::HIGH);
  problem.observe = [deviation](const Point&, const std::vector<double>& values, Random& noise) {
    return std::vector<double>{values[0] + deviation * noise.Normal()};
  };
  return problem;
}

Problem WithOutliers(Problem problem) {
  problem.observe = [](const Point&, const std::vector<double>& values, Random& random) {
    const bool diverged = random.Uniform() < kDiverged;
    return diverged ? std::vector<double>{values[0] + kDivergence * (1 + std::abs(values[0]))} : values;
  };
  return problem;
}

}  // namespace photinus
