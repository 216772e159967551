#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/benchmarks/search/problems/macro_net.h"
#include "tests/benchmarks/search/problems/nas.h"

namespace photinus {
namespace {

constexpr double kNoise = 0.25;  // % of error

std::string Id(const char* what, int stage) { return absl::StrCat(what, stage); }

pb::StudySpec Spec(int stages, const std::vector<int>& meaning) {
  pb::StudySpec spec = SpecWithMetric("error", /*maximize=*/false);
  std::vector<std::string> operating;  // letters of the operations other than skip
  for (int k = 0; k < MacroNet::kOperations; ++k) {
    if (meaning[k] != MacroNet::kSkip) operating.push_back(Letter(k));
  }
  for (int i = 0; i < stages; ++i) {
    auto operation = CategoricalParameter(Id("operation", i), Letters(MacroNet::kOperations));
    auto width = DiscreteParameter(Id("width", i), {MacroNet::kWidths.begin(), MacroNet::kWidths.end()});
    width.set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE);
    AddChild(operation, operating, std::move(width));
    AddChild(operation, operating, IntegerParameter(Id("depth", i), 1, MacroNet::kMaxDepth));
    *spec.add_parameters() = std::move(operation);
  }
  spec.set_observation_noise(pb::StudySpec::HIGH);
  return spec;
}

MacroNet::Stages StagesAt(const Point& point, int stages, const std::vector<int>& meaning) {
  MacroNet::Stages network(stages);
  for (int i = 0; i < stages; ++i) {
    network[i].operation = meaning[LetterAt(point, Id("operation", i))];
    if (network[i].operation == MacroNet::kSkip) continue;
    const auto& widths = MacroNet::kWidths;
    const auto width = std::find(widths.begin(), widths.end(), NumberAt(point, Id("width", i)));
    network[i].width = static_cast<int>(width - widths.begin());
    network[i].depth = static_cast<int>(NumberAt(point, Id("depth", i)));
  }
  return network;
}

Point PointOf(const MacroNet::Stages& network, const std::vector<int>& meaning) {
  Point point;
  for (int i = 0; i < static_cast<int>(network.size()); ++i) {
    const MacroNet::Stage& stage = network[i];
    const auto letter = std::find(meaning.begin(), meaning.end(), stage.operation) - meaning.begin();
    point[Id("operation", i)] = Letter(static_cast<int>(letter));
    if (stage.operation == MacroNet::kSkip) continue;
    point[Id("width", i)] = MacroNet::kWidths[stage.width];
    point[Id("depth", i)] = static_cast<double>(stage.depth);
  }
  return point;
}

}  // namespace

Problem MacroNetProblem(const MacroNetSize& size, Random& random) {
  const std::vector<int> meaning = PermutedLevels(MacroNet::kOperations, random);
  const MacroNet net(size.stages, random);
  const MacroNet::Stages best = net.Best();
  Problem problem = ProblemWithSpec(Spec(size.stages, meaning));
  problem.optimizer = PointOf(best, meaning);
  problem.optimum = net.Error(best);
  problem.regret_of_infeasible = MacroNet::kChanceError - problem.optimum;
  problem.values = [=](const Point& point) {
    return std::vector<double>{net.Error(StagesAt(point, net.stages(), meaning))};
  };
  problem.observe = [](const Point&, const std::vector<double>& values, Random& noise) {
    return std::vector<double>{values[0] + kNoise * noise.Normal()};
  };
  return problem;
}

}  // namespace photinus
