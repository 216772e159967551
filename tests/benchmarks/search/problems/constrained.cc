#include "tests/benchmarks/search/problems/constrained.h"

#include <cmath>
#include <functional>
#include <utility>

#include "Eigen/Core"
#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kRounding = 1e-9;  // added to slacks, so that the optimizer satisfies its constraints

VectorXd UniformVector(Index dimension, double low, double high, Random& random) {
  VectorXd x(dimension);
  for (double& v : x) v = low + (high - low) * random.Uniform();
  return x;
}

VectorXd Direction(Index dimension, Random& random) {
  VectorXd x(dimension);
  for (double& v : x) v = random.Normal();
  return x.normalized();
}

bool Inside(const VectorXd& x, double margin) { return x.minCoeff() >= margin && x.maxCoeff() <= 1 - margin; }

std::string IdOf(Index i) { return absl::StrCat("x", i); }

VectorXd VectorOf(const Point& point) {
  VectorXd x(static_cast<Index>(point.size()));
  for (Index i = 0; i < x.size(); ++i) x[i] = NumberAt(point, IdOf(i));
  return x;
}

using Function = std::function<double(const VectorXd&)>;

// worst: a value that no point of the cube falls short of.
Problem ConstrainedProblem(bool maximize, const Function& value, const std::vector<Function>& slacks,
                           const VectorXd& optimizer, double worst) {
  pb::StudySpec spec = SpecWithMetric("f", maximize);
  Point best;
  for (Index i = 0; i < optimizer.size(); ++i) {
    *spec.add_parameters() = DoubleParameter(IdOf(i), 0, 1);
    best[IdOf(i)] = optimizer[i];
  }
  Problem problem = ProblemWithSpec(std::move(spec));
  problem.constraints.resize(slacks.size());
  problem.values = [value](const Point& point) { return std::vector<double>{value(VectorOf(point))}; };
  problem.slacks = [slacks](const Point& point) {
    std::vector<double> all;
    for (const Function& slack : slacks) all.push_back(slack(VectorOf(point)) + kRounding);
    return all;
  };
  problem.optimizer = std::move(best);
  problem.optimum = value(optimizer);
  problem.regret_of_infeasible = std::abs(worst - problem.optimum);
  return problem;
}

// The corner of the cube that is farthest from `center`.
VectorXd FarthestCorner(const VectorXd& center) {
  return (center.array() < 0.5).select(VectorXd::Ones(center.size()), VectorXd::Zero(center.size()));
}

}  // namespace

Problem HalfspacesProblem(Random& random) {
  constexpr Index kDimension = 8;
  constexpr double kCondition = 100, kDistance = 0.3,
                   kMargin = 0.1;  // of x* from the unconstrained optimum; from edges
  VectorXd weights(kDimension);
  for (Index i = 0; i < kDimension; ++i) weights[i] = std::pow(kCondition, static_cast<double>(i) / (kDimension - 1));
  random.Shuffle(weights);
  const VectorXd center = UniformVector(kDimension, 2 * kMargin, 1 - 2 * kMargin, random);
  VectorXd optimizer;
  do {
    optimizer = center + kDistance * Direction(kDimension, random);
  } while (!Inside(optimizer, kMargin));
  const Function value = [=](const VectorXd& x) { return weights.dot((x - center).cwiseAbs2()); };
  const VectorXd normal = weights.cwiseProduct(optimizer - center).normalized();
  std::vector<Function> slacks = {[=](const VectorXd& x) { return normal.dot(x - optimizer); }};
  for (int i = 0; i < 2; ++i) {
    slacks.push_back([=, other = Direction(kDimension, random), room = 0.2 * random.Uniform()](const VectorXd& x) {
      return other.dot(x - optimizer) + room;
    });
  }
  return ConstrainedProblem(/*maximize=*/false, value, slacks, optimizer, value(FarthestCorner(center)));
}

Problem BallProblem(Random& random) {
  constexpr Index kDimension = 5;
  constexpr double kRadius = 0.35;
  const VectorXd center = UniformVector(kDimension, kRadius, 1 - kRadius, random);
  const VectorXd uphill = Direction(kDimension, random);
  const auto rising = [](double t) { return t + 0.1 * std::sin(2 * M_PI * t); };
  const Function value = [=](const VectorXd& x) { return rising(uphill.dot(x)); };
  const Function slack = [=](const VectorXd& x) { return kRadius * kRadius - (x - center).squaredNorm(); };
  return ConstrainedProblem(/*maximize=*/true, value, {slack}, center + kRadius * uphill,
                            rising(uphill.cwiseMin(0).sum()));
}

Problem SafetyProblem(Random& random) {
  constexpr Index kDimension = 6;
  constexpr double kRadius = 0.45, kBeyond = 0.3, kSafe = 0.9;
  const VectorXd center = UniformVector(kDimension, 0.35, 0.65, random);
  VectorXd direction;
  do {
    direction = Direction(kDimension, random);
  } while (!Inside(center + kRadius * direction, 0));
  const VectorXd target = center + (kRadius + kBeyond) * direction;
  const Function value = [=](const VectorXd& x) { return (x - target).norm(); };
  const Function slack = [=](const VectorXd& x) { return kRadius - (x - center).norm(); };
  Problem problem = ConstrainedProblem(/*maximize=*/false, value, {slack}, center + kRadius * direction,
                                       value(FarthestCorner(target)));
  problem.constraints[0].least_feasible = kSafe;
  return problem;
}

}  // namespace photinus
