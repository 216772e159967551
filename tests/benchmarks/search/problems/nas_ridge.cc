#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/benchmarks/search/problems/factor_graph.h"
#include "tests/benchmarks/search/problems/nas.h"

namespace photinus {
namespace {

constexpr int kLevels = 4;      // of a category
constexpr int kNeighbours = 3;  // of a category, on a ring
constexpr int kTuning = 3;      // categories that move the rate
constexpr int kKnobLevels = 12;
constexpr double kLandscapeShare = 0.6;  // of the score; the rest is smooth
constexpr double kRateDeviation = 0.5;   // decades that the learning rate may be off
constexpr double kLossWeight = 0.3;      // of the knobs in the score
constexpr double kTooHigh = 0.75;        // decades above the best learning rate from where training may diverge
constexpr double kDivergence = 0.2;      // its probability
constexpr double kDivergedAccuracy = 10;

std::vector<double> LogLevels(double min, double max) {
  std::vector<double> levels;
  for (int k = 0; k < kKnobLevels; ++k) levels.push_back(min * std::pow(max / min, k / (kKnobLevels - 1.0)));
  return levels;
}

const std::vector<double>& Rates() {
  static const auto& levels = *new std::vector<double>(LogLevels(1e-5, 1));
  return levels;
}
const std::vector<double>& Batches() {
  static const auto& levels = *new std::vector<double>(LogLevels(8, 16384));
  return levels;
}

// A knob whose effect is a bowl of its own.
struct Knob {
  enum class Kind { kLogOrdinal, kInteger, kDouble };
  const char* id;
  Kind kind;
  double min, max;

  pb::StudySpec::ParameterSpec Spec() const {
    switch (kind) {
      case Kind::kInteger:
        return IntegerParameter(id, static_cast<int>(min), static_cast<int>(max));
      case Kind::kDouble:
        return DoubleParameter(id, min, max);
      case Kind::kLogOrdinal:
        break;
    }
    auto spec = DiscreteParameter(id, LogLevels(min, max));
    spec.set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE);
    return spec;
  }
  // In [0, 1].
  double Coordinate(double value) const {
    return kind == Kind::kLogOrdinal ? std::log(value / min) / std::log(max / min) : (value - min) / (max - min);
  }
  // A value that the knob can have.
  double Draw(Random& random) const {
    if (kind == Kind::kDouble) return min + (0.1 + 0.8 * random.Uniform()) * (max - min);
    if (kind == Kind::kInteger) return min + static_cast<double>(random.Below(static_cast<uint64_t>(max - min) + 1));
    return LogLevels(min, max)[random.Below(kKnobLevels)];
  }
};

constexpr std::array<Knob, 6> kKnobs = {{{"weight_decay", Knob::Kind::kLogOrdinal, 1e-6, 1e-1},
                                         {"label_noise", Knob::Kind::kLogOrdinal, 1e-4, 0.3},
                                         {"warmup", Knob::Kind::kInteger, 0, 20},
                                         {"patience", Knob::Kind::kInteger, 1, 8},
                                         {"dropout", Knob::Kind::kDouble, 0, 0.7},
                                         {"momentum", Knob::Kind::kDouble, 0.5, 0.99}}};

struct Ridge {
  FactorGraph landscape;          // of the categories, the knobs at their best
  FactorGraph plain;              // of the categories, without knobs
  std::vector<int> tuning;        // the categories that move the best learning rate
  std::vector<double> best_rate;  // log10, by the levels of those
  double best_batch = 0;          // log10
  std::array<double, kKnobs.size()> best_knobs;

  double BestRate(const std::vector<int>& levels) const {
    size_t index = 0;
    for (const int v : tuning) index = index * kLevels + static_cast<size_t>(levels[v]);
    return best_rate[index];
  }
  double RateLoss(double rate_too_high, double batch) const {
    const double batch_too_high = std::log10(batch) - best_batch;
    return 0.5 * std::pow(rate_too_high / kRateDeviation, 2) + 0.3 * rate_too_high * batch_too_high +
           0.2 * batch_too_high * batch_too_high;
  }
};

struct RateAndBatch {
  double loss = std::numeric_limits<double>::infinity(), rate = 0, batch = 0;
};

RateAndBatch BestRateAndBatch(const Ridge& ridge, double best_rate) {
  RateAndBatch best;
  for (const double rate : Rates()) {
    for (const double batch : Batches()) {
      const double loss = ridge.RateLoss(std::log10(rate) - best_rate, batch);
      if (loss < best.loss) best = {.loss = loss, .rate = rate, .batch = batch};
    }
  }
  return best;
}

// An NK landscape on a ring and smooth effects, each of variance about 1 before they are blended.
FactorGraph DrawLandscape(int categories, Random& random) {
  FactorGraph graph(std::vector<int>(categories, kLevels));
  const double share = 1 / std::sqrt(static_cast<double>(categories));
  for (int i = 0; i < categories; ++i) {
    Factor term;
    for (int k = 0; k <= kNeighbours; ++k) term.variables.push_back((i + k) % categories);
    std::sort(term.variables.begin(), term.variables.end());
    for (size_t k = 0; k < graph.TableSize(term.variables); ++k) {
      term.table.push_back(kLandscapeShare * share * random.Normal());
    }
    graph.Add(std::move(term));
    Factor smooth{.variables = {i}, .table = {}};
    const double centre = (kLevels - 1) * random.Uniform();
    for (const int level : PermutedLevels(kLevels, random)) {
      smooth.table.push_back((1 - kLandscapeShare) * share * (1 - std::pow((level - centre) / 1.5, 2)));
    }
    graph.Add(std::move(smooth));
  }
  return graph;
}

Ridge DrawRidge(int categories, Random& random) {
  const FactorGraph plain = DrawLandscape(categories, random);
  Ridge ridge{.landscape = plain, .plain = plain, .tuning = PermutedLevels(categories, random)};
  ridge.tuning.resize(kTuning);
  std::sort(ridge.tuning.begin(), ridge.tuning.end());
  ridge.best_batch = 1.2 + 2.5 * random.Uniform();
  Factor tuning{.variables = ridge.tuning, .table = {}};
  for (size_t i = 0; i < plain.TableSize(ridge.tuning); ++i) {
    ridge.best_rate.push_back(-4 + 3 * random.Uniform());
    tuning.table.push_back(-kLossWeight * BestRateAndBatch(ridge, ridge.best_rate[i]).loss);
  }
  ridge.landscape.Add(std::move(tuning));
  for (size_t k = 0; k < kKnobs.size(); ++k) ridge.best_knobs[k] = kKnobs[k].Draw(random);
  return ridge;
}

std::string CategoryId(int i) { return absl::StrCat("c", i); }

std::vector<int> LevelsAt(const Point& point, int categories) {
  std::vector<int> levels;
  for (int i = 0; i < categories; ++i) levels.push_back(LetterAt(point, CategoryId(i)));
  return levels;
}

double RateTooHigh(const Ridge& ridge, const Point& point, int categories) {
  return std::log10(NumberAt(point, "learning_rate")) - ridge.BestRate(LevelsAt(point, categories));
}

double Score(const Ridge& ridge, const Point& point, int categories) {
  double loss = ridge.RateLoss(RateTooHigh(ridge, point, categories), NumberAt(point, "batch_size"));
  for (size_t k = 0; k < kKnobs.size(); ++k) {
    const double best = kKnobs[k].Coordinate(ridge.best_knobs[k]);
    loss += std::pow(kKnobs[k].Coordinate(NumberAt(point, kKnobs[k].id)) - best, 2);
  }
  return ridge.plain.Sum(LevelsAt(point, categories)) - kLossWeight * loss;
}

// Student's t with 3 degrees of freedom.
double HeavyTailed(Random& random) {
  double square = 0;
  for (int i = 0; i < 3; ++i) square += std::pow(random.Normal(), 2);
  return random.Normal() / std::sqrt(square / 3);
}

Point Optimizer(const Ridge& ridge, const FactorGraph::Best& best) {
  Point point;
  for (size_t i = 0; i < best.assignment.size(); ++i) {
    point[CategoryId(static_cast<int>(i))] = Letter(best.assignment[i]);
  }
  const RateAndBatch tuned = BestRateAndBatch(ridge, ridge.BestRate(best.assignment));
  point["learning_rate"] = tuned.rate;
  point["batch_size"] = tuned.batch;
  for (size_t k = 0; k < kKnobs.size(); ++k) point[kKnobs[k].id] = ridge.best_knobs[k];
  return point;
}

pb::StudySpec Spec(int categories) {
  pb::StudySpec spec = SpecWithMetric("accuracy", /*maximize=*/true);
  for (int i = 0; i < categories; ++i) *spec.add_parameters() = CategoricalParameter(CategoryId(i), Letters(kLevels));
  for (const auto& [id, levels] : {std::pair("learning_rate", &Rates()), std::pair("batch_size", &Batches())}) {
    *spec.add_parameters() = DiscreteParameter(id, *levels);
    spec.mutable_parameters()->rbegin()->set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE);
  }
  for (const Knob& knob : kKnobs) *spec.add_parameters() = knob.Spec();
  spec.set_observation_noise(pb::StudySpec::HIGH);
  return spec;
}

}  // namespace

Problem RidgeProblem(const RidgeSize& size, Random& random) {
  const int categories = size.categories;
  const Ridge ridge = DrawRidge(categories, random);
  const FactorGraph::Best best = ridge.landscape.Maximize();
  Problem problem = ProblemWithSpec(Spec(categories));
  problem.optimum = AccuracyOf(best.sum);
  problem.optimizer = Optimizer(ridge, best);
  problem.values = [=](const Point& point) { return std::vector<double>{AccuracyOf(Score(ridge, point, categories))}; };
  problem.observe = [=](const Point& point, const std::vector<double>& values, Random& noise) {
    const bool diverged = RateTooHigh(ridge, point, categories) > kTooHigh && noise.Uniform() < kDivergence;
    if (diverged) return std::vector<double>{kDivergedAccuracy + HeavyTailed(noise)};
    return NoisyAccuracy(point, values, noise);
  };
  return problem;
}

}  // namespace photinus
