#include "tests/benchmarks/search/problems/multi_objective.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

constexpr int kDimension = 8;
constexpr int kFrontSteps = 1000000;  // of the integral below a front of two objectives

// A family of test problems: the first `positions` parameters say where on the front, the others how far from it.
struct Family {
  const char* name;
  int objectives;
  double reference;  // of every objective
  // distances: [0, 1] each, 0 on the front.
  std::vector<double> (*values)(const std::vector<double>& positions, const std::vector<double>& distances);
  double (*front)(double first);  // the second objective on the front; null: the unit sphere
};

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double ZdtDistance(const std::vector<double>& distances) { return 1 + 9 * Mean(distances); }

std::vector<double> Zdt1(const std::vector<double>& positions, const std::vector<double>& distances) {
  const double g = ZdtDistance(distances), f = positions[0];
  return {f, g * (1 - std::sqrt(f / g))};
}

std::vector<double> Zdt2(const std::vector<double>& positions, const std::vector<double>& distances) {
  const double g = ZdtDistance(distances), f = positions[0];
  return {f, g * (1 - f / g * (f / g))};
}

std::vector<double> Zdt3(const std::vector<double>& positions, const std::vector<double>& distances) {
  const double g = ZdtDistance(distances), f = positions[0];
  return {f, g * (1 - std::sqrt(f / g) - f / g * std::sin(10 * M_PI * f))};
}

std::vector<double> Dtlz2(const std::vector<double>& positions, const std::vector<double>& distances) {
  double g = 0;
  for (const double d : distances) g += 0.25 * d * d;
  const double a = M_PI_2 * positions[0], b = M_PI_2 * positions[1];
  return {(1 + g) * std::cos(a) * std::cos(b), (1 + g) * std::cos(a) * std::sin(b), (1 + g) * std::sin(a)};
}

std::vector<double> Dtlz7(const std::vector<double>& positions, const std::vector<double>& distances) {
  const double g = 1 + 9 * Mean(distances), f = positions[0];
  return {f, (1 + g) * (2 - f / (1 + g) * (1 + std::sin(3 * M_PI * f)))};
}

constexpr Family kFamilies[] = {
    {"zdt1", 2, 11, &Zdt1, [](double f) { return Zdt1({f}, {0})[1]; }},
    {"zdt2", 2, 11, &Zdt2, [](double f) { return Zdt2({f}, {0})[1]; }},
    {"zdt3", 2, 11, &Zdt3, [](double f) { return Zdt3({f}, {0})[1]; }},
    {"dtlz2", 3, 1.1, &Dtlz2, nullptr},
    {"dtlz7", 2, 15, &Dtlz7, [](double f) { return Dtlz7({f}, {0})[1]; }},
};

// The area that a front over [0, 1] dominates.
double AreaUnderFront(double (*front)(double), double reference) {
  double area = 0, least = reference;
  for (int i = 0; i < kFrontSteps; ++i) {
    least = std::min(least, front((i + 0.5) / kFrontSteps));
    area += (reference - least) / kFrontSteps;
  }
  return area + (reference - 1) * (reference - std::min(least, front(1)));
}

double BestHypervolume(const Family& family) {
  if (family.front != nullptr) return AreaUnderFront(family.front, family.reference);
  return std::pow(family.reference, 3) - M_PI / 6;  // the positive octant of the unit ball
}

const Family& FamilyOf(const std::string& name) {
  for (const Family& family : kFamilies) {
    if (name == family.name) return family;
  }
  std::abort();
}

}  // namespace

std::vector<std::string> MultiObjectiveNames() {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) names.push_back(family.name);
  return names;
}

Problem MultiObjectiveProblem(const std::string& name, Random& random) {
  const Family& family = FamilyOf(name);
  pb::StudySpec spec;
  for (int k = 0; k < family.objectives; ++k) {
    auto& metric = *spec.add_metrics();
    metric.set_metric_id(absl::StrCat("f", k + 1));
    metric.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  }
  std::vector<std::string> ids;
  std::vector<double> best;
  for (int i = 0; i < kDimension; ++i) {
    ids.push_back(absl::StrCat("x", i));
    *spec.add_parameters() = DoubleParameter(ids[i], 0, 1);
    best.push_back(0.1 + 0.8 * random.Uniform());
  }
  random.Shuffle(ids);
  Problem problem = ProblemWithSpec(std::move(spec));
  problem.reference.assign(family.objectives, family.reference);
  problem.optimum = BestHypervolume(family);
  problem.values = [=, positions = family.objectives - 1, values = family.values](const Point& point) {
    std::vector<double> position, distance;
    for (int i = 0; i < kDimension; ++i) {
      const double x = NumberAt(point, ids[i]);
      if (i < positions) {
        position.push_back(x);
      } else {
        distance.push_back(std::abs(x - best[i]) / std::max(best[i], 1 - best[i]));
      }
    }
    return values(position, distance);
  };
  return problem;
}

}  // namespace photinus
