#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "Eigen/Core"
#include "absl/strings/str_cat.h"
#include "tests/benchmarks/search/problems/factor_graph.h"
#include "tests/benchmarks/search/problems/nas.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kEmbedding = 4;
constexpr double kMainShare = 0.6;  // of the variance

MatrixXd NormalMatrix(Eigen::Index rows, Eigen::Index columns, Random& random) {
  MatrixXd m(rows, columns);
  for (double& v : m.reshaped()) v = random.Normal();
  return m;
}

// Of mean 0 in each column, so that the effects of a pair are none of a single category.
MatrixXd Centred(MatrixXd m) {
  m.rowwise() -= m.colwise().mean().eval();
  return m;
}

std::set<std::pair<int, int>> Edges(const EpistasisSize& size, Random& random) {
  std::set<std::pair<int, int>> edges;
  for (int p = 0; p + 1 < size.categories; ++p) edges.insert({p, p + 1});
  const size_t wanted = edges.size() + static_cast<size_t>(size.skip_edges);
  while (edges.size() < wanted) {
    const int span = 2 + static_cast<int>(random.Below(2));
    const int p = static_cast<int>(random.Below(static_cast<uint64_t>(size.categories - span)));
    edges.insert({p, p + span});
  }
  return edges;
}

// Scales tables of mean 0 so that the variances of their sum, over uniform assignments, is `variance`, and adds them.
void AddScaled(std::vector<Factor> factors, double variance, FactorGraph& graph) {
  double sum = 0;
  for (const Factor& factor : factors) {
    for (const double v : factor.table) sum += v * v / static_cast<double>(factor.table.size());
  }
  for (Factor& factor : factors) {
    for (double& v : factor.table) v *= std::sqrt(variance / sum);
    graph.Add(std::move(factor));
  }
}

FactorGraph DrawScore(const EpistasisSize& size, Random& random) {
  std::vector<int> levels;
  for (int p = 0; p < size.categories; ++p) {
    const auto choices = static_cast<uint64_t>(size.most_levels - size.least_levels + 1);
    levels.push_back(size.least_levels + static_cast<int>(random.Below(choices)));
  }
  FactorGraph graph(levels);
  const std::vector<int> rank = PermutedLevels(size.categories, random);
  std::vector<Factor> single, pairs;
  std::vector<MatrixXd> embeddings;
  for (int p = 0; p < size.categories; ++p) {
    VectorXd effect = Centred(NormalMatrix(levels[p], 1, random));
    effect *= std::sqrt(static_cast<double>(levels[p])) / effect.norm() / (1 + rank[p]);
    single.push_back({.variables = {p}, .table = {effect.begin(), effect.end()}});
    embeddings.push_back(Centred(NormalMatrix(levels[p], kEmbedding, random)));
  }
  for (const auto& [p, q] : Edges(size, random)) {
    // Transposed, because a table's last variable changes fastest and a matrix's first index does.
    const MatrixXd effect = random.Normal() * embeddings[q] * embeddings[p].transpose();
    pairs.push_back({.variables = {p, q}, .table = {effect.reshaped().begin(), effect.reshaped().end()}});
  }
  AddScaled(std::move(single), kMainShare, graph);
  AddScaled(std::move(pairs), 1 - kMainShare, graph);
  return graph;
}

}  // namespace

Problem EpistasisProblem(const EpistasisSize& size, Random& random) {
  const FactorGraph score = DrawScore(size, random);
  pb::StudySpec spec = SpecWithMetric("accuracy", /*maximize=*/true);
  std::vector<std::string> ids;
  for (int p = 0; p < size.categories; ++p) {
    ids.push_back(absl::StrCat("c", p));
    *spec.add_parameters() = CategoricalParameter(ids[p], Letters(score.levels()[p]));
  }
  spec.set_observation_noise(pb::StudySpec::HIGH);
  Problem problem = ProblemWithSpec(std::move(spec));
  const FactorGraph::Best best = score.Maximize();
  problem.optimum = AccuracyOf(best.sum);
  for (int p = 0; p < size.categories; ++p) problem.optimizer[ids[p]] = Letter(best.assignment[p]);
  problem.values = [=](const Point& point) {
    std::vector<int> assignment;
    for (const std::string& id : ids) assignment.push_back(LetterAt(point, id));
    return std::vector<double>{AccuracyOf(score.Sum(assignment))};
  };
  problem.observe = &NoisyAccuracy;
  return problem;
}

}  // namespace photinus
