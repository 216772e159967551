#include "tests/benchmarks/search/problems/conditional.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/benchmarks/search/problems/bbob.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

double Square(double x) { return x * x; }

double Between(double low, double high, Random& random) { return low + (high - low) * random.Uniform(); }

constexpr std::array<double, 5> kRecipeWidths = {8, 16, 24, 32, 64};
constexpr int kMomentum = 0, kAdaptive = 1;  // optimisers with knobs; the third has none

pb::StudySpec TrainingSpec() {
  pb::StudySpec spec = SpecWithMetric("loss", /*maximize=*/false);
  *spec.add_parameters() = LogParameter("learning_rate", 1e-5, 1);
  *spec.add_parameters() = DoubleParameter("dropout", 0, 0.8);
  *spec.add_parameters() = IntegerParameter("layers", 1, 8);
  *spec.add_parameters() = DiscreteParameter("width", {kRecipeWidths.begin(), kRecipeWidths.end()});
  *spec.add_parameters() = CategoricalParameter("activation", Letters(4));
  auto optimizer = CategoricalParameter("optimizer", Letters(3));
  auto momentum = DoubleParameter("momentum", 0.5, 0.999);
  momentum.set_scale_type(pb::StudySpec::ParameterSpec::UNIT_REVERSE_LOG_SCALE);
  AddChild(optimizer, {Letter(kMomentum)}, std::move(momentum));
  AddChild(optimizer, {Letter(kAdaptive)}, DoubleParameter("beta", 0, 1));
  AddChild(optimizer, {Letter(kAdaptive)}, IntegerParameter("warmup", 0, 10));
  *spec.add_parameters() = std::move(optimizer);
  return spec;
}

constexpr int kMethods = 4, kNested = 3;  // methods; which of them asks for a further choice
constexpr Index kBranchDimension = 3;

// BBOB functions of the branches: a, b, c and the two below d.
constexpr std::array<int, 5> kBranchFunctions = {1, 9, 15, 14, 18};

std::string BranchId(size_t branch, Index i) { return absl::StrCat(Letter(static_cast<int>(branch)), i); }

pb::StudySpec BranchesSpec() {
  pb::StudySpec spec = SpecWithMetric("loss", /*maximize=*/false);
  auto method = CategoricalParameter("method", Letters(kMethods)), kind = CategoricalParameter("kind", Letters(2));
  for (size_t branch = 0; branch < kBranchFunctions.size(); ++branch) {
    const bool nested = branch >= kNested;
    for (Index i = 0; i < kBranchDimension; ++i) {
      AddChild(nested ? kind : method, {Letter(static_cast<int>(nested ? branch - kNested : branch))},
               DoubleParameter(BranchId(branch, i), -kBoxSide, kBoxSide));
    }
  }
  AddChild(method, {Letter(kNested)}, std::move(kind));
  *spec.add_parameters() = std::move(method);
  return spec;
}

constexpr int kMaxLayers = 4, kMaxUnits = 256;

pb::StudySpec LayersSpec() {
  pb::StudySpec spec = SpecWithMetric("loss", /*maximize=*/false);
  auto layers = IntegerParameter("layers", 1, kMaxLayers);
  for (int i = 1; i <= kMaxLayers; ++i) {
    std::vector<int> at_least;
    for (int count = i; count <= kMaxLayers; ++count) at_least.push_back(count);
    auto units = IntegerParameter(absl::StrCat("units", i), 8, kMaxUnits);
    units.set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE);
    AddChild(layers, at_least, std::move(units));
    AddChild(layers, at_least, DoubleParameter(absl::StrCat("dropout", i), 0, 0.5));
  }
  *spec.add_parameters() = std::move(layers);
  return spec;
}

}  // namespace

Problem TrainingProblem(Random& random) {
  Problem problem = ProblemWithSpec(TrainingSpec());
  const std::vector<int> activation_rank = PermutedLevels(4, random), optimizer_rank = PermutedLevels(2, random);
  const std::array<double, 3> penalty = {0.4 * optimizer_rank[0], 0.4 * optimizer_rank[1], 1.5};
  const std::array<double, 3> log_rate = {Between(-4, -1, random), Between(-4, -1, random), Between(-4, -1, random)};
  const double dropout = Between(0.1, 0.7, random), momentum = Between(0.6, 0.97, random);
  const double beta = Between(0.1, 0.9, random);
  const int layers = 2 + static_cast<int>(random.Below(6)), width = static_cast<int>(random.Below(5));
  const int warmup = 1 + static_cast<int>(random.Below(9));
  problem.values = [=](const Point& point) {
    const int optimizer = LetterAt(point, "optimizer");
    const auto level =
        std::find(kRecipeWidths.begin(), kRecipeWidths.end(), NumberAt(point, "width")) - kRecipeWidths.begin();
    double sum = penalty[optimizer] + 0.3 * activation_rank[LetterAt(point, "activation")];
    sum += 0.5 * Square(std::log10(NumberAt(point, "learning_rate")) - log_rate[optimizer]);
    sum += 4 * Square(NumberAt(point, "dropout") - dropout) + 0.05 * Square(NumberAt(point, "layers") - layers);
    sum += 0.1 * Square(static_cast<double>(level) - width);
    if (optimizer == kMomentum) sum += 0.5 * Square(std::log10((1 - NumberAt(point, "momentum")) / (1 - momentum)));
    if (optimizer == kAdaptive) {
      sum += 2 * Square(NumberAt(point, "beta") - beta) + 0.02 * Square(NumberAt(point, "warmup") - warmup);
    }
    return std::vector<double>{sum};
  };
  const int best = optimizer_rank[kMomentum] == 0 ? kMomentum : kAdaptive;
  const auto activation = std::find(activation_rank.begin(), activation_rank.end(), 0) - activation_rank.begin();
  problem.optimizer = {{"learning_rate", std::pow(10, log_rate[best])},
                       {"dropout", dropout},
                       {"layers", static_cast<double>(layers)},
                       {"width", kRecipeWidths[width]},
                       {"activation", Letter(static_cast<int>(activation))},
                       {"optimizer", Letter(best)}};
  if (best == kMomentum) {
    problem.optimizer["momentum"] = momentum;
  } else {
    problem.optimizer["beta"] = beta;
    problem.optimizer["warmup"] = static_cast<double>(warmup);
  }
  return problem;
}

Problem BranchesProblem(Random& random) {
  Problem problem = ProblemWithSpec(BranchesSpec());
  const std::vector<int> rank = PermutedLevels(static_cast<int>(kBranchFunctions.size()), random);
  std::vector<BoxFunction> functions;
  for (const int number : kBranchFunctions) functions.push_back(BbobFunction(number, kBranchDimension, random));
  problem.values = [=](const Point& point) {
    size_t branch = static_cast<size_t>(LetterAt(point, "method"));
    if (branch == kNested) branch += static_cast<size_t>(LetterAt(point, "kind"));
    VectorXd x(kBranchDimension);
    for (Index i = 0; i < kBranchDimension; ++i) x[i] = NumberAt(point, BranchId(branch, i));
    // The logarithm keeps branches comparable, or the flattest would win whatever the ranks are.
    return std::vector<double>{0.5 * rank[branch] + std::log1p(functions[branch].value(x))};
  };
  const size_t best = static_cast<size_t>(std::find(rank.begin(), rank.end(), 0) - rank.begin());
  problem.optimizer["method"] = Letter(static_cast<int>(std::min<size_t>(best, kNested)));
  if (best >= kNested) problem.optimizer["kind"] = Letter(static_cast<int>(best - kNested));
  for (Index i = 0; i < kBranchDimension; ++i) problem.optimizer[BranchId(best, i)] = functions[best].optimizer[i];
  return problem;
}

Problem LayersProblem(Random& random) {
  Problem problem = ProblemWithSpec(LayersSpec());
  const int best = 1 + static_cast<int>(random.Below(kMaxLayers));
  std::vector<double> units, dropout;
  for (int i = 0; i < kMaxLayers; ++i) {
    units.push_back(std::round(std::exp2(Between(3.5, 7.5, random))));
    dropout.push_back(Between(0.05, 0.45, random));
  }
  problem.values = [=](const Point& point) {
    const int layers = static_cast<int>(NumberAt(point, "layers"));
    double sum = 0.5 * std::abs(layers - best), last = 0;
    for (int i = 0; i < layers; ++i) {
      const double gap = std::log2(NumberAt(point, absl::StrCat("units", i + 1)) / units[i]);
      sum += 0.2 * Square(gap) + 0.1 * Square(gap - last);  // layers like to deviate alike
      sum += 4 * Square(NumberAt(point, absl::StrCat("dropout", i + 1)) - dropout[i]);
      last = gap;
    }
    return std::vector<double>{sum};
  };
  problem.optimizer["layers"] = static_cast<double>(best);
  for (int i = 0; i < best; ++i) {
    problem.optimizer[absl::StrCat("units", i + 1)] = units[i];
    problem.optimizer[absl::StrCat("dropout", i + 1)] = dropout[i];
  }
  return problem;
}

}  // namespace photinus
