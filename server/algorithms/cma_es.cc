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
#include "server/algorithms/one_by_one.h"
#include "server/algorithms/sampling/default_point.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kInitialDeviation = 0.3;
constexpr int kRedraws = 20;  // for a point within the bounds; then it is moved onto them

// Streams of random numbers beside those of the trials.
constexpr uint64_t kRestartStream = 0xca11, kCellStream = 0xce11;

// One call of Suggest.
class Session final : public OneByOne {
 public:
  explicit Session(const SuggestRequest& request) : OneByOne(request) {
    for (int i = 0; i < flatten().dimension(); ++i) {
      if (flatten().Levels(i) == 1) continue;
      parameters_.push_back(i);
      continuous_.push_back(flatten().Levels(i) == 0);
    }
    n_ = static_cast<int>(parameters_.size());
  }

  absl::StatusOr<SuggestResult> Suggest() {
    if (n_ == 0) return Run();  // one point in all
    state_ = ParseCmaState(request().state, n_).value_or(CmaState());
    if (state_.lambda == 0) Begin(DefaultPoint(flatten()), CmaParameters::DefaultLambda(n_));
    RETURN_IF_ERROR(UseFinishedTrials());
    factor_.emplace(state_.distribution);
    ASSIGN_OR_RETURN(SuggestResult result, Run());
    result.state = SerializeCmaState(state_);
    return result;
  }

 private:
  std::optional<Choice> Next(int64_t trial_id) override {
    return factor_.has_value() ? Draw(*factor_, trial_id) : TheOnlyPoint();
  }

  std::optional<Choice> TheOnlyPoint() const {
    const UnitPoint unit = DefaultPoint(flatten());
    if (history().excluded.Contains(unit)) return std::nullopt;
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
    for (const Evaluation& evaluation : history().evaluations) {
      if (state_.used.Contains(evaluation.trial_id)) continue;
      generation.push_back(&evaluation);
      if (static_cast<int>(generation.size()) < state_.lambda) continue;
      if (request().cancelled && request().cancelled()) return absl::CancelledError("CMA-ES was cancelled");
      Use(std::move(generation));
      generation.clear();
    }
    return absl::OkStatus();
  }

  void Use(std::vector<const Evaluation*> generation) {
    for (const Evaluation* evaluation : generation) state_.used.Add(evaluation->trial_id);
    std::stable_sort(generation.begin(), generation.end(),
                     [](const Evaluation* a, const Evaluation* b) { return IsBetter(*a, *b); });
    if (generation.front()->failed || request().objectives.empty()) return;  // nothing to learn
    const CmaParameters parameters = CmaParameters::Default(n_, state_.lambda);
    MatrixXd points(n_, state_.lambda);
    for (Index i = 0; i < state_.lambda; ++i) {
      const Evaluation& evaluation = *generation[static_cast<size_t>(i)];
      // A failed trial has nothing to draw the mean to; it only takes the place of one that would.
      const bool goes_nowhere = evaluation.failed && i < parameters.mu;
      points.col(i) = goes_nowhere ? state_.distribution.mean : Drawn(evaluation);
    }
    Update(parameters, points, state_.distribution);
    if (!IsUsable(state_.distribution)) return Restart();  // as after a state that somebody made up
    KeepMargins();
    std::vector<double>& goals = state_.best_goals;
    goals.push_back(generation.front()->goals[0]);
    if (goals.size() > GoalWindow(n_, state_.lambda)) goals.erase(goals.begin());
    if (HasConverged(state_, continuous_)) Restart();
  }

  void Restart() {
    ++state_.restarts;
    Random random(MixSeed(MixSeed(request().seed, kRestartStream), static_cast<uint64_t>(state_.restarts)));
    UnitPoint mean(static_cast<size_t>(flatten().dimension()));
    for (double& coordinate : mean) coordinate = random.Uniform();
    Begin(mean, 2 * state_.lambda);
  }

  // The coordinates that round to a level of a discrete parameter.
  Cell CellOf(int i, int64_t level) const {
    const int parameter = parameters_[i];
    const int64_t levels = flatten().Levels(parameter);
    Cell cell;
    if (level > 0) cell.low = Border(parameter, level);
    if (level < levels - 1) cell.high = Border(parameter, level + 1);
    return cell;
  }

  // Between level - 1 and level.
  double Border(int parameter, int64_t level) const {
    const Parameter& p = flatten().space().parameters()[parameter];
    const auto offset = static_cast<double>(level);
    if (p.type != Parameter::Type::kInteger) return offset / static_cast<double>(flatten().Levels(parameter));
    return ToUnitInterval(p.scale, p.min - 0.5, p.max + 0.5, p.min + offset - 0.5).value_or(0.5);
  }

  int64_t LevelOf(int i, double coordinate) const { return flatten().LevelOf(parameters_[i], coordinate); }

  Marginal MarginalOf(Index i) const {
    return {.mean = state_.distribution.mean[i], .deviation = state_.distribution.Deviations()[i]};
  }

  // Where a trial was drawn: its coordinates, but for those of discrete parameters, of which only the cell is known.
  VectorXd Drawn(const Evaluation& evaluation) const {
    VectorXd x = Coordinates(evaluation.unit);
    Random random(MixSeed(MixSeed(request().seed, kCellStream), static_cast<uint64_t>(evaluation.trial_id)));
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
    if (history().evaluations.empty() && history().pending.empty()) {
      return Choice{DefaultPoint(flatten()), {kDefaultArm, "the defaults, or the centre of the space: the first mean"}};
    }
    Random random = RandomOf(trial_id);
    const auto drawn = history().excluded.DrawProposed([&] { return PointOf(factor, random); }, random);
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
    UnitPoint unit(static_cast<size_t>(flatten().dimension()), 0.5);
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

  std::vector<int> parameters_;   // those with a choice
  std::vector<bool> continuous_;  // whether each is
  int n_ = 0;
  CmaState state_;
  std::optional<CmaFactor> factor_;  // of the distribution that points are drawn from
};

}  // namespace

absl::StatusOr<SuggestResult> CmaEs::Suggest(const SuggestRequest& request) const { return Session(request).Suggest(); }

}  // namespace photinus
