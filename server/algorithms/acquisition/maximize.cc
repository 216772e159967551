#include "server/algorithms/acquisition/maximize.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/base/random.h"
#include "server/algorithms/acquisition/climb.h"
#include "server/algorithms/gp/feature_rows.h"
#include "server/algorithms/sampling/scrambled_sobol.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kExhaustive = 4096;  // points of a finite space that are all scored
constexpr int kGlobalCandidates = 512;
constexpr int kLocalCandidates = 512;
constexpr size_t kScored = 96;  // of each kind, those of greatest bound, whose scores are computed
constexpr size_t kScoredAtOnce = 32;
constexpr size_t kStarts = 5;          // candidates that climb
constexpr int kSweepLevels = 24;       // of one parameter that are all tried in a sweep
constexpr int kSweepCategories = 128;  // the same of categories, of which none is next to another
constexpr int kFillings = 3;           // tried of a branch that a level opens, besides those of incumbents
constexpr int kRounds = 3;             // of climbing and sweeping in turn
constexpr ClimbLimits kClimbLimits = {.evaluations = 50, .tolerance = 1e-3};  // nats
constexpr double kAlmostTheSame = 0.02;                                       // in every unit coordinate
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
    if (auto points = EnumeratePoints(flatten_, kExhaustive); points.has_value()) {
      std::erase_if(*points, [this](const UnitPoint& unit) { return !IsInBox(unit); });
      const std::vector<Candidate> best = BestOf(*std::move(points), kExhaustive, 1);
      return best.empty() ? std::nullopt : std::optional<UnitPoint>(best.front().unit);
    }
    // Each kind by itself: bounds are loose far from all rows, and tight near them.
    std::vector<Candidate> candidates = BestOf(GlobalCandidates(), kScored, kStarts);
    for (Candidate& local : BestOf(LocalCandidates(), kScored, kStarts)) candidates.push_back(std::move(local));
    std::stable_sort(candidates.begin(), candidates.end(), &Better);
    std::vector<Candidate> starts = DistinctBest(candidates);
    Climb(starts);
    if (request_.cancelled && request_.cancelled()) return std::nullopt;
    if (starts.empty()) return request_.box == nullptr ? request_.excluded.DrawOther(random_) : std::nullopt;
    return std::min_element(starts.begin(), starts.end(), &Better)->unit;
  }

 private:
  std::vector<UnitPoint> GlobalCandidates() {
    ScrambledSobol sobol(flatten_.dimension(), random_.Next());
    std::vector<UnitPoint> units;
    units.reserve(kGlobalCandidates);
    for (int i = 0; i < kGlobalCandidates; ++i) {
      UnitPoint& unit = units.emplace_back(sobol.At(i));
      for (size_t k = 0; k < unit.size(); ++k) unit[k] = Low(k) + unit[k] * (High(k) - Low(k));
    }
    return units;
  }

  bool IsInBox(const UnitPoint& unit) const {
    for (size_t k = 0; k < unit.size(); ++k) {
      if (unit[k] < Low(k) || unit[k] > High(k)) return false;
    }
    return true;
  }
  double Low(size_t k) const { return request_.box == nullptr ? 0 : request_.box->low[k]; }
  double High(size_t k) const { return request_.box == nullptr ? 1 : request_.box->high[k]; }

  // Incumbents with a few coordinates moved by steps of very different lengths; better incumbents are used more often.
  std::vector<UnitPoint> LocalCandidates() {
    std::vector<UnitPoint> units;
    if (request_.incumbents.empty()) return units;
    const double share = std::min(1.0, 8.0 / std::max(1, flatten_.dimension()));
    for (int i = 0; i < kLocalCandidates; ++i) {
      const double rank = random_.Uniform() * random_.Uniform() * static_cast<double>(request_.incumbents.size());
      const UnitPoint& from = request_.incumbents[static_cast<size_t>(rank)];
      UnitPoint unit = from;
      const double step = std::pow(10, -3 * random_.Uniform()) * 0.5;
      const int always = static_cast<int>(random_.Below(unit.size()));
      for (int k = 0; k < flatten_.dimension(); ++k) {
        if (k == always || random_.Uniform() < share) unit[k] = std::clamp(Moved(k, unit[k], step), Low(k), High(k));
      }
      const std::vector<UnitPoint> filled = Filled(std::move(unit), flatten_.Active(from));
      units.push_back(filled[random_.Below(filled.size())]);
    }
    return units;
  }

  // The point with several fillings of what is active there, but was not: an incumbent's, and random ones. Only the
  // middle is known of a parameter that was inactive, and a branch is as good as its best filling.
  std::vector<UnitPoint> Filled(UnitPoint unit, const std::vector<bool>& was_active) {
    flatten_.Snap(unit);
    std::vector<int> opened;
    const std::vector<bool> active = flatten_.Active(unit);
    for (int k = 0; k < flatten_.dimension(); ++k) {
      if (active[k] && !was_active[k]) opened.push_back(k);
    }
    if (opened.empty()) return {std::move(unit)};
    std::vector<UnitPoint> filled(kFillings, unit);
    for (UnitPoint& random : filled) {
      for (const int k : opened) random[k] = random_.Uniform();
    }
    for (const UnitPoint& incumbent : request_.incumbents) {
      const std::vector<bool> there = flatten_.Active(incumbent);
      if (!std::all_of(opened.begin(), opened.end(), [&](int k) { return there[k]; })) continue;
      for (const int k : opened) unit[k] = incumbent[k];
      break;
    }
    filled.push_back(std::move(unit));
    return filled;
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

  MatrixXd Features(const std::vector<UnitPoint>& units) const { return FeatureRows(flatten_, units); }

  // Snapped, and without what is excluded.
  std::vector<UnitPoint> Valid(std::vector<UnitPoint> units) const {
    std::vector<UnitPoint> valid;
    for (UnitPoint& unit : units) {
      flatten_.Snap(unit);
      if (!request_.excluded.Contains(unit)) valid.push_back(std::move(unit));
    }
    return valid;
  }

  // Valid ones with their scores, best first, among them the best `wanted`; scores at most `limit` points, those of
  // greatest bound, and no more than it takes to know the best.
  std::vector<Candidate> BestOf(std::vector<UnitPoint> units, size_t limit, size_t wanted) const {
    const std::vector<UnitPoint> valid = Valid(std::move(units));
    std::vector<Candidate> best;
    if (valid.empty()) return best;
    const VectorXd bounds = request_.acquisition.Bound(Features(valid));
    std::vector<size_t> order(valid.size());
    std::iota(order.begin(), order.end(), 0);
    const auto bound = [&](size_t i) { return bounds[static_cast<Index>(i)]; };
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return bound(a) > bound(b); });
    for (size_t next = 0; next < std::min(limit, order.size()); next += kScoredAtOnce) {
      if (best.size() >= wanted && best[wanted - 1].score >= bound(order[next])) break;
      std::vector<UnitPoint> some;
      for (size_t i = next; i < std::min(next + kScoredAtOnce, order.size()); ++i) some.push_back(valid[order[i]]);
      const VectorXd scores = request_.acquisition.Score(Features(some));
      for (size_t i = 0; i < some.size(); ++i) best.push_back({std::move(some[i]), scores[static_cast<Index>(i)]});
      std::stable_sort(best.begin(), best.end(), &Better);
    }
    return best;
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

  // Doubles and levels in turn, all starts together, each until it gains nothing more.
  void Climb(std::vector<Candidate>& starts) {
    std::vector<Candidate*> climbing;
    for (Candidate& start : starts) climbing.push_back(&start);
    for (int round = 0; round < kRounds && !climbing.empty(); ++round) {
      if (request_.cancelled && request_.cancelled()) return;
      std::vector<double> before;
      for (const Candidate* candidate : climbing) before.push_back(candidate->score);
      ClimbDoubles(climbing);
      const std::vector<bool> changed = SweepLevels(climbing);
      std::vector<Candidate*> left;
      for (size_t i = 0; i < climbing.size(); ++i) {
        if (changed[i] && climbing[i]->score >= before[i] + kMoreIsProgress) left.push_back(climbing[i]);
      }
      climbing = std::move(left);
    }
  }

  // Tries other levels of each integer, discrete and categorical parameter in turn. Answers who changed.
  std::vector<bool> SweepLevels(const std::vector<Candidate*>& candidates) {
    std::vector<bool> changed(candidates.size());
    for (int k = 0; k < flatten_.dimension(); ++k) {
      const int64_t levels = flatten_.Levels(k);
      if (levels < 2) continue;
      std::vector<UnitPoint> units;
      std::vector<size_t> owners;
      for (size_t i = 0; i < candidates.size(); ++i) {
        const std::vector<bool> active = flatten_.Active(candidates[i]->unit);
        if (!active[k]) continue;
        std::vector<UnitPoint> others;
        for (const int64_t level : LevelsToTry(k, candidates[i]->unit[k], levels)) {
          UnitPoint other = candidates[i]->unit;
          other[k] = flatten_.LevelCoordinate(k, level);
          if (other[k] < Low(k) || other[k] > High(k)) continue;
          for (UnitPoint& filled : Filled(std::move(other), active)) others.push_back(std::move(filled));
        }
        for (UnitPoint& other : Valid(std::move(others))) {
          units.push_back(std::move(other));
          owners.push_back(i);
        }
      }
      for (const size_t i : TakeBetter(units, owners, candidates)) changed[i] = true;
    }
    return changed;
  }

  // Moves each candidate to the best of its units, where that is better. Answers which moved.
  std::vector<size_t> TakeBetter(const std::vector<UnitPoint>& units, const std::vector<size_t>& owners,
                                 const std::vector<Candidate*>& candidates) const {
    std::vector<size_t> moved, hopeful;
    if (units.empty()) return moved;
    const auto least = [&](size_t i) { return candidates[owners[i]]->score + kMoreIsProgress; };
    const VectorXd bounds = request_.acquisition.Bound(Features(units));
    std::vector<UnitPoint> scored;
    for (size_t i = 0; i < units.size(); ++i) {
      if (bounds[static_cast<Index>(i)] < least(i)) continue;
      hopeful.push_back(i);
      scored.push_back(units[i]);
    }
    if (hopeful.empty()) return moved;
    const VectorXd scores = request_.acquisition.Score(Features(scored));
    for (size_t h = 0; h < hopeful.size(); ++h) {
      const double score = scores[static_cast<Index>(h)];
      if (score < least(hopeful[h])) continue;
      *candidates[owners[hopeful[h]]] = {scored[h], score};
      moved.push_back(owners[hopeful[h]]);
    }
    return moved;
  }

  std::vector<int64_t> LevelsToTry(int parameter, double coordinate, int64_t levels) {
    const bool categorical = flatten_.space().parameters()[parameter].type == Parameter::Type::kCategorical;
    std::vector<int64_t> tried;
    if (levels <= (categorical ? kSweepCategories : kSweepLevels)) {
      tried.resize(static_cast<size_t>(levels));
      std::iota(tried.begin(), tried.end(), 0);
      return tried;
    }
    if (categorical) {
      while (tried.size() < kSweepLevels)
        tried.push_back(static_cast<int64_t>(random_.Below(static_cast<uint64_t>(levels))));
      return tried;
    }
    const int64_t from = flatten_.LevelOf(parameter, coordinate);
    for (int64_t step = 1; step < levels && tried.size() < kSweepLevels; step *= 2) {
      if (from + step < levels) tried.push_back(from + step);
      if (from - step >= 0) tried.push_back(from - step);
    }
    return tried;
  }

  // A double's unit coordinate is its feature.
  void ClimbDoubles(const std::vector<Candidate*>& candidates) const {
    std::vector<UnitPoint> units;
    for (const Candidate* candidate : candidates) units.push_back(candidate->unit);
    const MatrixXd starts = Features(units);
    MatrixXd low = starts, high = starts;
    bool moves = false;
    for (size_t i = 0; i < units.size(); ++i) {
      const std::vector<bool> active = flatten_.Active(units[i]);
      for (int k = 0; k < flatten_.dimension(); ++k) {
        if (!active[k] || flatten_.ScalarColumn(k) < 0) continue;
        low(static_cast<Index>(i), flatten_.ScalarColumn(k)) = Low(k);
        high(static_cast<Index>(i), flatten_.ScalarColumn(k)) = High(k);
        moves = true;
      }
    }
    if (!moves) return;
    const auto function = [this](const MatrixXd& features, MatrixXd& gradients) {
      return request_.acquisition.ScoreWithGradient(features, gradients);
    };
    const Climbed climbed = photinus::Climb(function, starts, low, high, kClimbLimits);
    for (size_t i = 0; i < units.size(); ++i) {
      const Index row = static_cast<Index>(i);
      for (int k = 0; k < flatten_.dimension(); ++k) {
        const int column = flatten_.ScalarColumn(k);
        if (column >= 0 && high(row, column) > low(row, column)) units[i][k] = climbed.points(row, column);
      }
      if (!request_.excluded.Contains(units[i])) *candidates[i] = {std::move(units[i]), climbed.values[row]};
    }
  }

  const MaximizeRequest& request_;
  const Flatten& flatten_;
  Random random_;
};

}  // namespace

std::optional<UnitPoint> MaximizeAcquisition(const MaximizeRequest& request) { return Maximizer(request).Run(); }

}  // namespace photinus
