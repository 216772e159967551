#include "server/algorithms/regularized_evolution.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/evolution/variation.h"
#include "server/algorithms/history.h"
#include "server/algorithms/one_by_one.h"
#include "server/algorithms/prior_population.h"

namespace photinus {
namespace {

// "Population 100, sample 25" of Real et al. 2019.
constexpr size_t kPopulation = 100;
constexpr int kSample = 25;

// The latest trials; those of other studies are older than all.
std::vector<Evaluation> Population(const Flatten& flatten, const SuggestRequest& request, const History& history) {
  const size_t own = std::min(history.evaluations.size(), kPopulation);
  std::vector<Evaluation> population = PriorPopulation(flatten, request, kPopulation - own);
  population.insert(population.end(), history.evaluations.end() - static_cast<int64_t>(own), history.evaluations.end());
  return population;
}

// The best of a random sample, the first drawn among equals.
const Evaluation& Tournament(const std::vector<Evaluation>& population, Random& random) {
  const Evaluation* best = nullptr;
  for (int i = 0; i < kSample; ++i) {
    const Evaluation& drawn = population[random.Below(population.size())];
    if (best == nullptr || IsBetter(drawn, *best)) best = &drawn;
  }
  return *best;
}

// One call of Suggest.
class Session final : public OneByOne {
 public:
  explicit Session(const SuggestRequest& request)
      : OneByOne(request), population_(Population(flatten(), request, history())) {}

 private:
  std::optional<Choice> Next(int64_t trial_id) override {
    const size_t trials = history().evaluations.size() + history().pending.size();
    if (std::max(trials, population_.size()) >= kPopulation && !population_.empty()) return Child(trial_id);
    return Initial(trial_id, absl::StrCat("initial population, ", trials, " of ", kPopulation, " trials"));
  }

  std::optional<Choice> Child(int64_t trial_id) {
    Random random = RandomOf(trial_id);
    std::string parent_name;
    const auto mutate = [&] {
      const Evaluation& parent = Tournament(population_, random);
      parent_name = ParentName(parent);
      UnitPoint unit = parent.unit;
      flatten().Snap(unit);
      return MutateOne(flatten(), unit, random);
    };
    const auto drawn = history().excluded.DrawProposed(mutate, random);
    if (!drawn.has_value()) return std::nullopt;
    if (!drawn->proposed)
      return Choice{drawn->unit, {kRandomArm, "a random new point: the population's neighbours are all known"}};
    return Choice{drawn->unit,
                  {kMutationArm, absl::StrCat("mutation of ", parent_name, ", the best of a sample of ", kSample)}};
  }

  const std::vector<Evaluation> population_;
};

}  // namespace

absl::StatusOr<SuggestResult> RegularizedEvolution::Suggest(const SuggestRequest& request) const {
  return Session(request).Run();
}

}  // namespace photinus
