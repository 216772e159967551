#include "server/algorithms/acquisition/maximize.h"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "common/base/random.h"
#include "server/algorithms/sampling/scrambled_sobol.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kExhaustive = 4096;  // points of a finite space that are all scored
constexpr int kGlobalCandidates = 512;
constexpr int kLocalCandidates = 512;
constexpr int kStarts = 5;        // candidates that climb
constexpr int kSweepLevels = 24;  // levels of one parameter that are all tried in a sweep
constexpr int kRounds = 3;        // of climbing and sweeping in turn
constexpr int kClimbEvaluations = 50;
constexpr double kAlmostTheSame = 0.02;  // in every unit coordinate
constexpr double kMoreIsProgress = 1e-6;

struct Candidate {
  UnitPoint unit;
  double score = 0;
};

bool Better(const Candidate& a, const Candidate& b) { return a.score > b.score; }

class Maximizer {
 public:
  explicit Maximizer(const MaximizeRequest& request)
      : request_(request), flatten_(request.flatten), random_(request.seed) {}

  std::optional<UnitPoint> Run() {
    if (const auto points = EnumeratePoints(flatten_, kExhaustive); points.has_value()) return BestOf(*points);
    std::vector<UnitPoint> units = GlobalCandidates();
    for (UnitPoint& unit : LocalCandidates()) units.push_back(std::move(unit));
    std::vector<Candidate> candidates = Scored(std::move(units));
    std::stable_sort(candidates.begin(), candidates.end(), &Better);
    std::vector<Candidate> starts = DistinctBest(candidates);
    std::optional<Candidate> best;
    for (Candidate& start : starts) {
      if (request_.cancelled && request_.cancelled()) return std::nullopt;
      Climb(start);
      if (!best.has_value() || Better(start, *best)) best = start;
    }
    if (best.has_value()) return best->unit;
    return request_.excluded.DrawOther(random_);
  }

 private:
  std::vector<UnitPoint> GlobalCandidates() {
    ScrambledSobol sobol(flatten_.dimension(), random_.Next());
    std::vector<UnitPoint> units;
    units.reserve(kGlobalCandidates);
    for (int i = 0; i < kGlobalCandidates; ++i) units.push_back(sobol.At(i));
    return units;
  }

  // Incumbents with a few coordinates moved by steps of very different lengths; better incumbents are used more often.
  std::vector<UnitPoint> LocalCandidates() {
    std::vector<UnitPoint> units;
    if (request_.incumbents.empty()) return units;
    const double share = std::min(1.0, 8.0 / std::max(1, flatten_.dimension()));
    for (int i = 0; i < kLocalCandidates; ++i) {
      const double rank = random_.Uniform() * random_.Uniform() * static_cast<double>(request_.incumbents.size());
      UnitPoint unit = request_.incumbents[static_cast<size_t>(rank)];
      const double step = std::pow(10, -3 * random_.Uniform()) * 0.5;
      const int always = static_cast<int>(random_.Below(unit.size()));
      for (int k = 0; k < flatten_.dimension(); ++k) {
        if (k == always || random_.Uniform() < share) unit[k] = Moved(k, unit[k], step);
      }
      units.push_back(std::move(unit));
    }
    return units;
  }

  double Moved(int parameter, double coordinate, double step) {
    const Parameter& p = flatten_.space().parameters()[parameter];
    if (p.type == Parameter::Type::kCategorical) return random_.Uniform();
    const double moved = coordinate + step * random_.Normal();
    const int64_t levels = flatten_.Levels(parameter);
    if (levels < 2) return moved;
    const int64_t from = flatten_.LevelOf(parameter, coordinate);
    if (flatten_.LevelOf(parameter, moved) != from) return moved;
    const int64_t next = std::clamp<int64_t>(from + (random_.Uniform() < 0.5 ? -1 : 1), 0, levels - 1);
    return flatten_.LevelCoordinate(parameter, next);
  }

  MatrixXd Features(const std::vector<UnitPoint>& units) const {
    MatrixXd columns(flatten_.feature_dimension(), static_cast<Index>(units.size()));
    for (size_t i = 0; i < units.size(); ++i) flatten_.ToFeatures(units[i], columns.col(static_cast<Index>(i)).data());
    return columns.transpose();
  }

  // Snaps, drops what is excluded, and scores the rest.
  std::vector<Candidate> Scored(std::vector<UnitPoint> units) const {
    std::vector<UnitPoint> kept;
    for (UnitPoint& unit : units) {
      flatten_.Snap(unit);
      if (!request_.excluded.Contains(unit)) kept.push_back(std::move(unit));
    }
    std::vector<Candidate> candidates;
    if (kept.empty()) return candidates;
    const VectorXd scores = request_.acquisition.Score(Features(kept));
    for (size_t i = 0; i < kept.size(); ++i) {
      candidates.push_back({std::move(kept[i]), scores[static_cast<Index>(i)]});
    }
    return candidates;
  }

  std::optional<UnitPoint> BestOf(const std::vector<UnitPoint>& units) const {
    const std::vector<Candidate> candidates = Scored(units);
    if (candidates.empty()) return std::nullopt;
    return std::min_element(candidates.begin(), candidates.end(), &Better)->unit;
  }

  // The first few of a sorted list that are not almost the same.
  static std::vector<Candidate> DistinctBest(const std::vector<Candidate>& sorted) {
    std::vector<Candidate> distinct;
    for (const Candidate& candidate : sorted) {
      const bool near = std::any_of(distinct.begin(), distinct.end(), [&](const Candidate& other) {
        return LargestDifference(other.unit, candidate.unit) < kAlmostTheSame;
      });
      if (!near) distinct.push_back(candidate);
      if (distinct.size() == kStarts) break;
    }
    return distinct;
  }

  void Climb(Candidate& candidate) {
    for (int round = 0; round < kRounds; ++round) {
      const double before = candidate.score;
      ClimbDoubles(candidate);
      const bool changed = SweepLevels(candidate);
      if (!changed || candidate.score < before + kMoreIsProgress) return;
    }
  }

  // Tries other levels of each integer, discrete and categorical parameter in turn.
  bool SweepLevels(Candidate& candidate) {
    bool changed = false;
    const std::vector<bool> active = flatten_.Active(candidate.unit);
    for (int k = 0; k < flatten_.dimension(); ++k) {
      const int64_t levels = flatten_.Levels(k);
      if (levels < 2 || !active[k]) continue;
      std::vector<UnitPoint> units;
      for (const int64_t level : LevelsToTry(k, candidate.unit[k], levels)) {
        units.push_back(candidate.unit);
        units.back()[k] = flatten_.LevelCoordinate(k, level);
      }
      for (const Candidate& other : Scored(std::move(units))) {
        if (other.score < candidate.score + kMoreIsProgress) continue;
        candidate = other;
        changed = true;
      }
    }
    return changed;
  }

  std::vector<int64_t> LevelsToTry(int parameter, double coordinate, int64_t levels) {
    std::vector<int64_t> tried;
    if (levels <= kSweepLevels) {
      tried.resize(static_cast<size_t>(levels));
      std::iota(tried.begin(), tried.end(), 0);
      return tried;
    }
    const int64_t from = flatten_.LevelOf(parameter, coordinate);
    for (int64_t step = 1; step < levels && tried.size() < kSweepLevels; step *= 2) {
      if (from + step < levels) tried.push_back(from + step);
      if (from - step >= 0) tried.push_back(from - step);
    }
    return tried;
  }

  struct ClimbContext {
    const Maximizer& maximizer;
    UnitPoint unit;
    std::vector<int> parameters;  // the coordinates that move
    VectorXd features, gradient;
    double best_score;
    UnitPoint best;
  };

  static double NegativeScore(unsigned n, const double* x, double* gradient, void* data) {
    ClimbContext& context = *static_cast<ClimbContext*>(data);
    const Flatten& flatten = context.maximizer.flatten_;
    for (unsigned i = 0; i < n; ++i) context.unit[context.parameters[i]] = x[i];
    flatten.ToFeatures(context.unit, context.features.data());
    const double score = context.maximizer.request_.acquisition.ScoreWithGradient(context.features, context.gradient);
    if (gradient != nullptr) {
      for (unsigned i = 0; i < n; ++i) gradient[i] = -context.gradient[flatten.ScalarColumn(context.parameters[i])];
    }
    if (score > context.best_score) {
      context.best_score = score;
      context.best = context.unit;
    }
    return -score;
  }

  void ClimbDoubles(Candidate& candidate) const {
    ClimbContext context{
        .maximizer = *this, .unit = candidate.unit, .best_score = candidate.score, .best = candidate.unit};
    const std::vector<bool> active = flatten_.Active(candidate.unit);
    std::vector<double> x;
    for (int k = 0; k < flatten_.dimension(); ++k) {
      if (!active[k] || flatten_.Levels(k) > 0) continue;
      context.parameters.push_back(k);
      x.push_back(candidate.unit[k]);
    }
    if (x.empty()) return;
    context.features.resize(flatten_.feature_dimension());
    const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimizer(
        nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(x.size())), &nlopt_destroy);
    nlopt_set_lower_bounds1(optimizer.get(), 0);
    nlopt_set_upper_bounds1(optimizer.get(), 1);
    nlopt_set_min_objective(optimizer.get(), &NegativeScore, &context);
    nlopt_set_maxeval(optimizer.get(), kClimbEvaluations);
    nlopt_set_ftol_abs(optimizer.get(), 1e-3);  // nats
    double value = 0;
    nlopt_optimize(optimizer.get(), x.data(), &value);  // failures leave the best point seen
    if (request_.excluded.Contains(context.best)) return;
    candidate.unit = context.best;
    candidate.score = context.best_score;
  }

  const MaximizeRequest& request_;
  const Flatten& flatten_;
  Random random_;
};

}  // namespace

std::optional<UnitPoint> MaximizeAcquisition(const MaximizeRequest& request) { return Maximizer(request).Run(); }

}  // namespace photinus
