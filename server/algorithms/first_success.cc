#include "server/algorithms/first_success.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_format.h"
#include "server/algorithms/acquisition/acquisition.h"
#include "server/algorithms/acquisition/maximize.h"
#include "server/algorithms/gp/feature_rows.h"
#include "server/algorithms/gp_training.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using Status = EncodedTrials::Status;

constexpr size_t kMaxFinished = 500, kMaxPending = 200;  // in the model, the latest
constexpr double kNoise = 0.01;                          // variance of labels on top of the GP

// Finished ones, the latest first, then those being evaluated; `finished` counts the former.
std::vector<size_t> LatestRows(const EncodedTrials& trials, size_t& finished) {
  std::vector<size_t> rows, pending;
  for (size_t row = trials.size(); row-- > 0;) {
    const Status status = trials.status(row);
    if (status == Status::kForeign) continue;
    const bool is_pending = status == Status::kPending;
    // The one success is in the model however old it is.
    if (status == Status::kFailed && rows.size() >= kMaxFinished) continue;
    if (is_pending && pending.size() >= kMaxPending) continue;
    (is_pending ? pending : rows).push_back(row);
  }
  finished = rows.size();
  rows.insert(rows.end(), pending.begin(), pending.end());
  return rows;
}

}  // namespace

std::unique_ptr<FirstSuccess> FirstSuccess::Make(const EncodedTrials& trials) {
  size_t finished = 0;
  const std::vector<size_t> rows = LatestRows(trials, finished);
  if (finished == 0) return nullptr;
  const FeatureGroups& groups = trials.flatten().groups();
  const KernelParameters parameters{
      .lengthscales = VectorXd::Constant(static_cast<Index>(groups.size()), std::sqrt(0.5)), .noise_variance = kNoise};
  std::optional<Factor> factor = Factor::Make(FeaturesOf(trials, rows), groups, parameters);
  if (!factor.has_value()) return nullptr;
  auto made = absl::WrapUnique(new FirstSuccess(trials, *std::move(factor)));
  made->labels_ = LabelsOf(trials, {rows.begin(), rows.begin() + static_cast<long>(finished)});
  for (size_t i = 0; i < finished; ++i) {
    if (trials.status(rows[i]) == Status::kEvaluated) made->succeeded_.push_back(trials.unit(rows[i]));
  }
  return made;
}

std::optional<Choice> FirstSuccess::Propose(const VisitedPoints& excluded, const PointPrior* prior, Random& random,
                                            const std::function<bool()>& cancelled) const {
  VectorXd labels = VectorXd::Zero(factor_.size());
  labels.head(labels_.size()) = labels_;
  Eigen::Array<bool, Eigen::Dynamic, 1> known = Eigen::Array<bool, Eigen::Dynamic, 1>::Zero(factor_.size());
  known.head(labels_.size()) = true;
  const Posterior posterior(factor_, factor_.Complete(labels, known), /*mean=*/0);
  const IndifferentAcquisition indifferent;
  const FeasibleAcquisition feasible(indifferent, posterior, {.noise_variance = kNoise});
  std::optional<PriorAcquisition> believed;
  if (prior != nullptr) believed.emplace(feasible, *prior, PriorWeight(trials_.evaluated() + trials_.failed()));
  const Acquisition& best = believed.has_value() ? *believed : static_cast<const Acquisition&>(feasible);
  const Flatten& flatten = trials_.flatten();
  const std::optional<UnitPoint> unit =
      MaximizeAcquisition({flatten, best, succeeded_, excluded, random.Next(), cancelled});
  if (!unit.has_value()) return std::nullopt;
  return Choice{*unit,
                {.arm = "feasibility",
                 .text = absl::StrFormat("%d of %d trials succeeded: the point that most likely does",
                                         trials_.evaluated(), trials_.evaluated() + trials_.failed()),
                 .acquisition = best.Score(FeaturesOf(flatten, *unit).transpose())[0]}};
}

void FirstSuccess::AddPending(const UnitPoint& unit) { factor_.Append(FeaturesOf(trials_.flatten(), unit)); }

}  // namespace photinus
