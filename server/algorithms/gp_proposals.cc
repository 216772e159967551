#include "server/algorithms/gp_proposals.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/strings/str_format.h"
#include "common/space/flatten.h"
#include "server/algorithms/acquisition/acquisition.h"
#include "server/algorithms/acquisition/hypervolume.h"
#include "server/algorithms/acquisition/maximize.h"
#include "server/algorithms/acquisition/trust_region.h"
#include "server/algorithms/gp/feature_rows.h"
#include "server/algorithms/gp_training.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kMaxIncumbents = 12;  // around which candidates are drawn
constexpr int kDirections = 16;        // in which the hypervolume grows; drawn for each suggestion
// Probability that a constraint holds. Less than a half gains nothing: measured, it only violates more often.
constexpr double kLeastSatisfying = 0.5;
constexpr double kEverywhere = 0.5;  // share of suggestions that are not bound to a trust region
constexpr double kNextTo = 0.01;     // in every unit coordinate: too near for two evaluations at a time

using Mask = Eigen::Array<bool, Eigen::Dynamic, 1>;

std::vector<Index> RowsOf(const Mask& wanted) {
  std::vector<Index> rows;
  for (Index i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) rows.push_back(i);
  }
  return rows;
}

// Of a model of warped values, larger being better.
MetricPrediction PredictMetric(bool maximize, const OutputWarp& warp, double mean, double deviation) {
  const double median = warp.Invert(mean), worse = warp.Invert(mean - deviation),
               better = warp.Invert(mean + deviation);
  return maximize ? MetricPrediction{median, worse, better} : MetricPrediction{-median, -better, -worse};
}

// One call of ProposeByGp.
class Proposal {
 public:
  Proposal(const SuggestRequest& request, const GpPosteriors& models, const VisitedPoints& excluded,
           const PointPrior* prior, Random& random)
      : request_(request),
        models_(models),
        flatten_(models.trials().flatten()),
        excluded_(excluded),
        prior_(prior),
        random_(random),
        posteriors_(models.ByMetric()) {}

  std::optional<Choice> Choose() {
    const std::vector<bool>& satisfied = models_.satisfied();
    if (std::find(satisfied.begin(), satisfied.end(), true) == satisfied.end()) {
      std::optional<Choice> choice = ByFeasibility();
      if (!choice.has_value() || !IsNextToPending(choice->unit)) return choice;
    }
    return models_.objectives() == 1 ? ByExpectedImprovement() : ByHypervolume();
  }

 private:
  // While no trial satisfies the constraints.
  std::optional<Choice> ByFeasibility() {
    const MatrixXd& values = models_.values();
    VectorXd lacking = VectorXd::Zero(values.rows());
    for (size_t k = models_.objectives(); k < models_.metrics(); ++k) {
      const VectorXd warped = models_.model(k).warp.Apply(values.col(static_cast<Index>(k)));
      lacking += (warped.array() - models_.ThresholdOf(k)).min(0).matrix();
    }
    return BestBy("feasibility", IndifferentAcquisition(), Incumbents(lacking));
  }

  // Of one objective.
  std::optional<Choice> ByExpectedImprovement() {
    const Posterior& objective = posteriors_.front();
    const double incumbent = objective.MeanAtRows()(SatisfyingRows()).maxCoeff();
    const std::vector<UnitPoint> incumbents = Incumbents(BelowSatisfied(models_.values().col(0), models_.satisfied()));
    const LogEiAcquisition log_ei(objective, incumbent);
    std::optional<Choice> choice = NearBest(log_ei, incumbents.front());
    if (!choice.has_value()) choice = BestBy("log_ei", log_ei, incumbents);
    if (!choice.has_value() || !IsNextToPending(choice->unit)) return choice;
    return BestBy("exploration", PureExplorationAcquisition(objective, incumbent), incumbents);
  }

  // Every second time, where there is no noise: under noise, what lies near the best point is what was lucky.
  std::optional<Choice> NearBest(const LogEiAcquisition& log_ei, const UnitPoint& best) {
    if (log_ei.noisy() || random_.Uniform() < kEverywhere) return std::nullopt;
    const std::optional<UnitBox> box = TrustRegion(flatten_, best, TrialsSinceBest());
    return box.has_value() ? BestBy("trust_region", log_ei, {best}, &*box) : std::nullopt;
  }

  int TrialsSinceBest() const {
    const EncodedTrials& trials = models_.trials();
    double best = -INFINITY;
    int since = 0;
    for (size_t row = 0; row < trials.size(); ++row) {
      if (trials.status(row) != EncodedTrials::Status::kEvaluated) continue;
      const bool better = trials.goals(row)[0] > best && trials.Satisfies(row) && trials.IsInside(row);
      since = better ? 0 : since + 1;
      if (better) best = trials.goals(row)[0];
    }
    return since;
  }

  // Of several objectives, in units of their models.
  std::optional<Choice> ByHypervolume() {
    const size_t objectives = models_.objectives();
    MatrixXd means(models_.size(), static_cast<Index>(objectives));
    std::vector<const Posterior*> borrowed;
    for (size_t k = 0; k < objectives; ++k) {
      means.col(static_cast<Index>(k)) = posteriors_[k].MeanAtRows();
      borrowed.push_back(&posteriors_[k]);
    }
    const MatrixXd satisfying = means(SatisfyingRows(), Eigen::all);
    const HypervolumeScalarisations scalarisations{ReferenceFor(satisfying),
                                                   DrawDirections(static_cast<int>(objectives), kDirections, random_)};
    const VectorXd best = scalarisations.Apply(satisfying).colwise().maxCoeff();
    const HypervolumeAcquisition gain(borrowed, scalarisations, best);
    const VectorXd standing = Standing(means(models_.posterior_rows(), Eigen::all), scalarisations);
    return BestBy("log_ehvi", gain, Incumbents(BelowSatisfied(standing, models_.satisfied())));
  }

  // The point of greatest acquisition, in the box if there is one. arm: of the explanation.
  std::optional<Choice> BestBy(const char* arm, const Acquisition& acquisition,
                               const std::vector<UnitPoint>& incumbents, const UnitBox* box = nullptr) {
    std::deque<FeasibleAcquisition> own;
    const Acquisition& feasible = Feasible(acquisition, own);
    std::optional<PriorAcquisition> believed;
    if (prior_ != nullptr) {
      believed.emplace(feasible, *prior_, PriorWeight(models_.trials().evaluated() + models_.trials().failed()));
    }
    const Acquisition& best = believed.has_value() ? *believed : feasible;
    const std::optional<UnitPoint> unit =
        MaximizeAcquisition({flatten_, best, incumbents, excluded_, random_.Next(), request_.cancelled, box});
    if (!unit.has_value()) return std::nullopt;
    return Choice{*unit, Explain(arm, best, *unit)};
  }

  // What is maximised instead, kept in `own`, where feasibility is modelled or there are constraints.
  const Acquisition& Feasible(const Acquisition& acquisition, std::deque<FeasibleAcquisition>& own) const {
    const Acquisition* feasible = &acquisition;
    if (const std::optional<GpFeasibility>& model = models_.feasibility(); model.has_value()) {
      const FeasibleWhere where{.noise_variance = model->posterior.parameters().noise_variance, .least = model->least};
      feasible = &own.emplace_back(*feasible, model->posterior, where);
    }
    for (size_t k = models_.objectives(); k < models_.metrics(); ++k) {
      const double wanted = request_.constraints[k - models_.objectives()].least_feasible;
      const FeasibleWhere where{.threshold = models_.ThresholdOf(k),
                                .noise_variance = posteriors_[k].parameters().noise_variance,
                                .least = std::max(kLeastSatisfying, wanted)};
      feasible = &own.emplace_back(*feasible, posteriors_[k], where);
    }
    return *feasible;
  }

  Explanation Explain(const char* arm, const Acquisition& acquisition, const UnitPoint& unit) const {
    const VectorXd features = FeaturesOf(flatten_, unit);
    Explanation explanation{
        .arm = arm, .text = Description(), .acquisition = acquisition.Score(features.transpose())[0]};
    for (size_t k = 0; k < models_.metrics(); ++k) {
      const bool maximize = k >= models_.objectives() || request_.objectives[k].maximize;  // slacks are
      const Posterior::Prediction p = posteriors_[k].Predict(features.transpose());
      explanation.predictions.push_back(
          PredictMetric(maximize, models_.model(k).warp, p.mean[0], std::sqrt(p.variance[0])));
    }
    return explanation;
  }

  std::string Description() const {
    const int64_t trials = models_.trials().evaluated();
    if (models_.metrics() == 1) return absl::StrFormat("GP on %d trials (%s)", trials, models_.model(0).Name());
    return absl::StrFormat("a GP for each of %d metrics on %d trials", models_.metrics(), trials);
  }

  bool IsNextToPending(const UnitPoint& unit) const {
    return std::any_of(models_.pending().begin(), models_.pending().end(),
                       [&](const UnitPoint& other) { return LargestDifference(unit, other) < kNextTo; });
  }

  // Of the posteriors: evaluated rows within the bounds that satisfy the constraints, and those being evaluated that
  // are expected to; where there are none all rows within the bounds, or all.
  std::vector<Index> SatisfyingRows() const {
    const std::vector<Index>& evaluated = models_.posterior_rows();
    Mask inside = Mask::Constant(models_.size(), true);
    for (size_t i = 0; i < evaluated.size(); ++i) {
      inside[evaluated[i]] = models_.trials().IsInside(models_.trial_rows()[i]);
    }
    Mask satisfying = Mask::Constant(models_.size(), true);
    for (size_t k = models_.objectives(); k < models_.metrics(); ++k) {
      satisfying = satisfying && posteriors_[k].MeanAtRows().array() >= models_.ThresholdOf(k);
    }
    for (size_t i = 0; i < evaluated.size(); ++i) satisfying[evaluated[i]] = models_.satisfied()[i];
    for (const Mask& wanted : {Mask(satisfying && inside), inside}) {
      if (wanted.any()) return RowsOf(wanted);
    }
    return RowsOf(Mask::Constant(models_.size(), true));
  }

  // The evaluated points of the greatest targets, best first; outside the bounds only if all are.
  std::vector<UnitPoint> Incumbents(const VectorXd& targets) const {
    const std::vector<size_t>& rows = models_.trial_rows();
    std::vector<size_t> order(rows.size());
    std::iota(order.begin(), order.end(), 0);
    const auto is_outside = [&](size_t i) { return !models_.trials().IsInside(rows[i]); };
    if (!std::all_of(order.begin(), order.end(), is_outside)) std::erase_if(order, is_outside);
    const auto better = [&](size_t a, size_t b) {
      const double left = targets[static_cast<Index>(a)], right = targets[static_cast<Index>(b)];
      return left > right || (left == right && rows[a] < rows[b]);
    };
    const size_t count = std::min(order.size(), kMaxIncumbents);
    std::partial_sort(order.begin(), order.begin() + static_cast<long>(count), order.end(), better);
    std::vector<UnitPoint> incumbents;
    for (size_t i = 0; i < count; ++i) incumbents.push_back(models_.trials().unit(rows[order[i]]));
    return incumbents;
  }

  const SuggestRequest& request_;
  const GpPosteriors& models_;
  const Flatten& flatten_;
  const VisitedPoints& excluded_;
  const PointPrior* const prior_;
  Random& random_;
  const std::vector<Posterior> posteriors_;  // by metric
};

}  // namespace

std::optional<Choice> ProposeByGp(const SuggestRequest& request, const GpPosteriors& posteriors,
                                  const VisitedPoints& excluded, const PointPrior* prior, Random& random) {
  return Proposal(request, posteriors, excluded, prior, random).Choose();
}

}  // namespace photinus
