#include "server/algorithms/nsga2.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/evolution/pareto_selection.h"
#include "server/algorithms/evolution/variation.h"
#include "server/algorithms/history.h"
#include "server/algorithms/one_by_one.h"
#include "server/algorithms/prior_population.h"

namespace photinus {
namespace {

constexpr size_t kPopulation = 50;
constexpr double kCrossoverProbability = 0.9;

// Best first. Trials of other studies take the places that no trial of this one has had.
std::vector<Evaluation> Population(const Flatten& flatten, const SuggestRequest& request, const History& history) {
  const std::vector<Evaluation> prior =
      PriorPopulation(flatten, request, kPopulation - std::min(kPopulation, history.evaluations.size()));
  std::vector<const Evaluation*> finished;
  GoalTable goals;
  for (const std::vector<Evaluation>* evaluations : {&prior, &history.evaluations}) {
    for (const Evaluation& evaluation : *evaluations) {
      if (evaluation.failed) continue;
      finished.push_back(&evaluation);
      goals.push_back(evaluation.goals);
    }
  }
  std::vector<Evaluation> population;
  for (const size_t i : SelectBestByGenerations(goals, kPopulation, kPopulation)) population.push_back(*finished[i]);
  return population;
}

// One call of Suggest.
class Session final : public OneByOne {
 public:
  explicit Session(const SuggestRequest& request)
      : OneByOne(request), population_(Population(flatten(), request, history())) {
    for (Evaluation& parent : population_) flatten().Snap(parent.unit);
  }

 private:
  std::optional<Choice> Next(int64_t trial_id) override {
    const size_t trials = history().evaluations.size() + history().pending.size();
    if (std::max(trials, population_.size()) >= kPopulation && population_.size() >= 2) return Child(trial_id);
    return Initial(trial_id, absl::StrCat("initial population, ", trials, " of ", kPopulation, " trials"));
  }

  // The better of two random members; they are ordered.
  const Evaluation& Tournament(Random& random) const {
    const size_t a = random.Below(population_.size()), b = random.Below(population_.size());
    return population_[std::min(a, b)];
  }

  std::optional<Choice> Child(int64_t trial_id) {
    Random random = RandomOf(trial_id);
    Explanation explanation;
    const auto breed = [&] {
      const Evaluation &mother = Tournament(random), &father = Tournament(random);
      UnitPoint child = mother.unit;
      explanation = {kMutationArm, absl::StrCat("child of ", ParentName(mother))};
      if (random.Uniform() < kCrossoverProbability) {
        child = Crossover(flatten(), mother.unit, father.unit, random);
        explanation.arm = "crossover";
        absl::StrAppend(&explanation.text, " and ", ParentName(father));
      }
      return MutateEach(flatten(), child, random);
    };
    const auto drawn = history().excluded.DrawProposed(breed, random);
    if (!drawn.has_value()) return std::nullopt;
    if (!drawn->proposed) explanation = {kRandomArm, "a random new point: the population's children are all known"};
    return Choice{drawn->unit, explanation};
  }

  std::vector<Evaluation> population_;
};

}  // namespace

absl::StatusOr<SuggestResult> Nsga2::Suggest(const SuggestRequest& request) const { return Session(request).Run(); }

}  // namespace photinus
