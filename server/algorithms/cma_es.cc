#include "server/algorithms/cma_es.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "Eigen/Core"
#include "absl/strings/str_format.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "common/space/scale.h"
#include "server/algorithms/cma_es/cma_distribution.h"
#include "server/algorithms/cma_es/cma_parameters.h"
#include "server/algorithms/cma_es/cma_state.h"
#include "server/algorithms/cma_es/margin.h"
#include "server/algorithms/history.h"
#include "server/algorithms/initial_design.h"
#include "server/algorithms/one_by_one.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kInitialDeviation = 0.3;
constexpr int kRedraws = 20;  // for a point within the bounds; then it is moved onto them

// Streams of random numbers beside those of the trials.
constexpr uint64_t kRestartStream = 0xca11, kCellStream = 0xce11;

// Best first; failed trials are worst.
bool IsBetter(const Evaluation* a, const Evaluation* b) {
  if (a->failed || b->failed) return !a->failed && b->failed;
  return !a->goals.empty() && a->goals[0] > b->goals[0];
}

// One call of Suggest.
class Session {
 public:
  explicit Session(const SuggestRequest& request)
      : request_(request), flatten_(request.space), history_(ReadHistory(flatten_, request)) {
    for (int i = 0; i < flatten_.dimension(); ++i) {
      if (flatten_.Levels(i) == 1) continue;
      parameters_.push_back(i);
      continuous_.push_back(flatten_.Levels(i) == 0);
    }
    n_ = static_cast<int>(parameters_.size());
  }

  absl::StatusOr<SuggestResult> Run() {
    if (n_ == 0) {  // one point in all
      return SuggestOneByOne(request_, flatten_, history_, [this](int64_t) { return TheOnlyPoint(); });
    }
    state_ = ParseCmaState(request_.state, n_).value_or(CmaState());
    if (state_.lambda == 0) Begin(DefaultPoint(flatten_), CmaParameters::DefaultLambda(n_));
    RETURN_IF_ERROR(UseFinishedTrials());
    const CmaFactor factor(state_.distribution);
    ASSIGN_OR_RETURN(SuggestResult result, SuggestOneByOne(request_, flatten_, history_,
                                                           [&](int64_t trial_id) { return Draw(factor, trial_id); }));
    result.state = SerializeCmaState(state_);
    return result;
  }

 private:
  std::optional<Choice> TheOnlyPoint() const {
    const UnitPoint unit = DefaultPoint(flatten_);
    if (history_.excluded.Contains(unit)) return std::nullopt;
    return Choice{unit, {kDefaultArm, "the only point of the space"}};
  }

  VectorXd Coordinates(const UnitPoint& unit) const {
    VectorXd x(n_);
    for (int i = 0; i < n_; ++i) x[i] = unit[parameters_[i]];
    return x;
  }

  void Begin(const UnitPoint& mean, int lambda) {
    state_.lambda = lambda;
    state_.distribution = CmaDistribution::Begin(Coordinates(mean), kInitialDeviation);
    state_.best_goals.clear();
    KeepMargins();
  }

  absl::Status UseFinishedTrials() {
    std::vector<const Evaluation*> generation;
    for (const Evaluation& evaluation : history_.evaluations) {
      if (state_.used.Contains(evaluation.trial_id)) continue;
      generation.push_back(&evaluation);
      if (static_cast<int>(generation.size()) < state_.lambda) continue;
      if (request_.cancelled && request_.cancelled()) return absl::CancelledError("CMA-ES was cancelled");
      Use(std::move(generation));
      generation.clear();
    }
    return absl::OkStatus();
  }

  void Use(std::vector<const Evaluation*> generation) {
    for (const Evaluation* evaluation : generation) state_.used.Add(evaluation->trial_id);
    std::stable_sort(generation.begin(), generation.end(), IsBetter);
    if (generation.front()->failed || request_.objectives.empty()) return;  // nothing to learn
    MatrixXd points(n_, state_.lambda);
    for (size_t i = 0; i < generation.size(); ++i) points.col(static_cast<Index>(i)) = Drawn(*generation[i]);
    Update(CmaParameters::Default(n_, state_.lambda), points, state_.distribution);
    KeepMargins();
    std::vector<double>& goals = state_.best_goals;
    goals.push_back(generation.front()->goals[0]);
    if (goals.size() > GoalWindow(n_, state_.lambda)) goals.erase(goals.begin());
    if (HasConverged(state_, continuous_)) Restart();
  }

  void Restart() {
    ++state_.restarts;
    Random random(MixSeed(MixSeed(request_.seed, kRestartStream), static_cast<uint64_t>(state_.restarts)));
    UnitPoint mean(static_cast<size_t>(flatten_.dimension()));
    for (double& coordinate : mean) coordinate = random.Uniform();
    Begin(mean, 2 * state_.lambda);
  }

  // The coordinates that round to a level of a discrete parameter.
  Cell CellOf(int i, int64_t level) const {
    const int parameter = parameters_[i];
    const int64_t levels = flatten_.Levels(parameter);
    Cell cell;
    if (level > 0) cell.low = Border(parameter, level);
    if (level < levels - 1) cell.high = Border(parameter, level + 1);
    return cell;
  }

  // Between level - 1 and level.
  double Border(int parameter, int64_t level) const {
    const Parameter& p = flatten_.space().parameters()[parameter];
    const auto offset = static_cast<double>(level);
    if (p.type != Parameter::Type::kInteger) return offset / static_cast<double>(flatten_.Levels(parameter));
    return ToUnitInterval(p.scale, p.min - 0.5, p.max + 0.5, p.min + offset - 0.5).value_or(0.5);
  }

  int64_t LevelOf(int i, double coordinate) const { return flatten_.LevelOf(parameters_[i], coordinate); }

  Marginal MarginalOf(Index i) const {
    return {.mean = state_.distribution.mean[i], .deviation = state_.distribution.Deviations()[i]};
  }

  // Where a trial was drawn: its coordinates, but for those of discrete parameters, of which only the cell is known.
  VectorXd Drawn(const Evaluation& evaluation) const {
    VectorXd x = Coordinates(evaluation.unit);
    Random random(MixSeed(MixSeed(request_.seed, kCellStream), static_cast<uint64_t>(evaluation.trial_id)));
    for (int i = 0; i < n_; ++i) {
      if (continuous_[i]) continue;
      x[i] = DrawWithin(MarginalOf(i), CellOf(i, LevelOf(i, x[i])), random.Uniform());
    }
    return x;
  }

  void KeepMargins() {
    CmaDistribution& d = state_.distribution;
    d.mean = d.mean.cwiseMax(0).cwiseMin(1);
    const double alpha = 1.0 / (n_ * state_.lambda);  // [Hamano et al. 2022, section 5]
    for (int i = 0; i < n_; ++i) {
      if (continuous_[i]) continue;
      const Marginal before = MarginalOf(i);
      const Marginal after = WithMargin(before, CellOf(i, LevelOf(i, before.mean)), alpha);
      d.mean[i] = after.mean;
      d.scale[i] *= after.deviation / before.deviation;
    }
  }

  std::optional<Choice> Draw(const CmaFactor& factor, int64_t trial_id) {
    if (history_.evaluations.empty() && history_.pending.empty()) {
      return Choice{DefaultPoint(flatten_), {kDefaultArm, "the defaults, or the centre of the space: the first mean"}};
    }
    Random random(MixSeed(request_.seed, static_cast<uint64_t>(trial_id)));
    const auto drawn = history_.excluded.DrawProposed([&] { return PointOf(factor, random); }, random);
    if (!drawn.has_value()) return std::nullopt;
    if (!drawn->proposed)
      return Choice{drawn->unit, {kRandomArm, "a random new point: those near the mean are all known"}};
    return Choice{drawn->unit,
                  {"cma_es", absl::StrFormat("generation %d of CMA-ES run %d, lambda %d, sigma %.3g",
                                             state_.distribution.generation + 1, state_.restarts + 1, state_.lambda,
                                             state_.distribution.sigma)}};
  }

  UnitPoint PointOf(const CmaFactor& factor, Random& random) const {
    VectorXd x;
    for (int redraw = 0; redraw < kRedraws; ++redraw) {
      VectorXd normal(n_);
      for (double& z : normal) z = random.Normal();
      x = factor.Transform(normal);
      if (IsInside(x)) break;
    }
    UnitPoint unit(static_cast<size_t>(flatten_.dimension()), 0.5);
    for (int i = 0; i < n_; ++i) {
      unit[parameters_[i]] = std::clamp(x[i], 0.0, 1.0);
    }
    return unit;
  }

  // Discrete parameters have no outside: their last cells are open.
  bool IsInside(const VectorXd& x) const {
    for (int i = 0; i < n_; ++i) {
      if (continuous_[i] && (x[i] < 0 || x[i] > 1)) return false;
    }
    return true;
  }

  const SuggestRequest& request_;
  const Flatten flatten_;
  History history_;
  std::vector<int> parameters_;   // those with a choice
  std::vector<bool> continuous_;  // whether each is
  int n_ = 0;
  CmaState state_;
};

}  // namespace

absl::StatusOr<SuggestResult> CmaEs::Suggest(const SuggestRequest& request) const { return Session(request).Run(); }

}  // namespace photinus
