#include "server/algorithms/tpe.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/evolution/pareto_selection.h"
#include "server/algorithms/history.h"
#include "server/algorithms/one_by_one.h"
#include "server/algorithms/parzen/parzen_estimator.h"

namespace photinus {
namespace {

constexpr size_t kInitialTrials = 10;
constexpr double kGoodShare = 0.15;  // [Watanabe 2023, linear gamma]
constexpr size_t kMaxGood = 25;
constexpr size_t kMaxBad = 500, kMaxPending = 100;
constexpr size_t kSelectionBlock = 250;  // of several objectives
constexpr int kDraws = 24;
// As long as the study's own trials are fewer than these, trials of other studies stand for the missing ones.
constexpr size_t kPriorTrials = 30;

// The good trials, then the bad ones, by falling goal: of several objectives the bad ones keep their order.
struct Split {
  std::vector<const Evaluation*> good, bad;
};

Split SplitByGoals(const std::vector<Evaluation>& evaluations) {
  std::vector<const Evaluation*> finished, failed;
  for (const Evaluation& evaluation : evaluations) (evaluation.failed ? failed : finished).push_back(&evaluation);
  const auto share = static_cast<size_t>(std::ceil(kGoodShare * static_cast<double>(finished.size())));
  const size_t good = std::min(share, kMaxGood);
  Split split;
  if (!finished.empty() && finished[0]->goals.size() == 1) {
    std::stable_sort(finished.begin(), finished.end(),
                     [](const Evaluation* a, const Evaluation* b) { return a->goals[0] > b->goals[0]; });
    split.good.assign(finished.begin(), finished.begin() + static_cast<long>(good));
    split.bad.assign(finished.begin() + static_cast<long>(good), finished.end());
  } else {
    GoalTable goals;
    for (const Evaluation* evaluation : finished) goals.push_back(evaluation->goals);
    std::vector<bool> is_good(finished.size());
    for (const size_t i : SelectBestByGenerations(goals, good, kSelectionBlock)) is_good[i] = true;
    for (size_t i = 0; i < finished.size(); ++i) (is_good[i] ? split.good : split.bad).push_back(finished[i]);
  }
  split.bad.insert(split.bad.end(), failed.begin(), failed.end());
  return split;
}

// At most `limit` of them, evenly spaced.
std::vector<UnitPoint> Units(const Flatten& flatten, const std::vector<const Evaluation*>& evaluations, size_t limit) {
  std::vector<UnitPoint> units;
  const size_t count = std::min(evaluations.size(), limit);
  for (size_t i = 0; i < count; ++i) {
    units.push_back(evaluations[i * evaluations.size() / count]->unit);
    flatten.Snap(units.back());
  }
  return units;
}

struct UnitSplit {
  std::vector<UnitPoint> good, bad;
};

// About `count` trials that stand for all of other studies, which are split each by itself: their values may be on
// scales of their own.
UnitSplit PriorUnits(const Flatten& flatten, const SuggestRequest& request, size_t count) {
  UnitSplit prior;
  if (count == 0) return prior;
  const std::vector<std::vector<Evaluation>> studies = ReadPrior(flatten, request);
  if (studies.empty()) return prior;
  const double share = static_cast<double>(count) / static_cast<double>(studies.size());
  const auto good_share = static_cast<size_t>(std::ceil(kGoodShare * share));
  const auto bad_share = static_cast<size_t>(std::floor((1 - kGoodShare) * share));
  for (const std::vector<Evaluation>& study : studies) {
    const Split split = SplitByGoals(study);
    const std::vector<UnitPoint> good = Units(flatten, split.good, good_share);
    const std::vector<UnitPoint> bad = Units(flatten, split.bad, bad_share);
    prior.good.insert(prior.good.end(), good.begin(), good.end());
    prior.bad.insert(prior.bad.end(), bad.begin(), bad.end());
  }
  return prior;
}

// One call of Suggest.
class Session final : public OneByOne {
 public:
  explicit Session(const SuggestRequest& request)
      : OneByOne(request),
        split_(SplitByGoals(history().evaluations)),
        prior_(PriorUnits(flatten(), request, kPriorTrials - std::min(kPriorTrials, history().evaluations.size()))),
        good_(flatten(), Joined(Units(flatten(), split_.good, split_.good.size()), prior_.good)) {}

 private:
  std::optional<Choice> Next(int64_t trial_id) override {
    const size_t trials = history().evaluations.size() + prior_.good.size() + prior_.bad.size();
    if (trials >= kInitialTrials && !request().objectives.empty()) return Promising(trial_id);
    return Initial(trial_id, absl::StrFormat("initial design, until %d trials are finished", kInitialTrials));
  }

  static std::vector<UnitPoint> Joined(std::vector<UnitPoint> units, const std::vector<UnitPoint>& others) {
    units.insert(units.end(), others.begin(), others.end());
    return units;
  }

  ParzenEstimator Bad() const {
    const size_t pending = std::min(history().pending.size(), kMaxPending);
    std::vector<UnitPoint> units = Joined(Units(flatten(), split_.bad, kMaxBad - pending), prior_.bad);
    for (size_t i = history().pending.size() - pending; i < history().pending.size(); ++i) {
      units.push_back(history().pending[i]);
      flatten().Snap(units.back());
    }
    return ParzenEstimator(flatten(), std::move(units));
  }

  std::optional<Choice> Promising(int64_t trial_id) {
    Random random = RandomOf(trial_id);
    const ParzenEstimator bad = Bad();
    std::optional<UnitPoint> best;
    double best_ratio = 0;
    for (int i = 0; i < kDraws; ++i) {
      const auto drawn = history().excluded.DrawProposed([&] { return good_.Sample(random); }, random);
      if (!drawn.has_value()) return std::nullopt;
      const double ratio = good_.LogDensity(drawn->unit) - bad.LogDensity(drawn->unit);
      if (best.has_value() && ratio <= best_ratio) continue;
      best = drawn->unit;
      best_ratio = ratio;
    }
    return Choice{*best,
                  {.arm = "tpe",
                   .text = absl::StrFormat("TPE on %d trials: log density of the best %d over that of the others",
                                           history().evaluations.size(), split_.good.size()),
                   .acquisition = best_ratio}};
  }

  const Split split_;
  const UnitSplit prior_;
  const ParzenEstimator good_;
};

}  // namespace

absl::StatusOr<SuggestResult> Tpe::Suggest(const SuggestRequest& request) const { return Session(request).Run(); }

}  // namespace photinus
