#include "server/algorithms/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "server/algorithms/cma_es.h"
#include "server/algorithms/firefly_search.h"
#include "server/algorithms/gp_bandit.h"
#include "server/algorithms/grid_search.h"
#include "server/algorithms/hybrid.h"
#include "server/algorithms/nsga2.h"
#include "server/algorithms/point_prior.h"
#include "server/algorithms/quasi_random_search.h"
#include "server/algorithms/random_search.h"
#include "server/algorithms/regularized_evolution.h"
#include "server/algorithms/sampling/grid.h"
#include "server/algorithms/tpe.h"
#include "server/algorithms/warm_start.h"

namespace photinus {
namespace {

template <typename Algorithm>
std::unique_ptr<SuggestionAlgorithm> Make(const AlgorithmSettings&) {
  return std::make_unique<Algorithm>();
}

template <GridOrder order>
std::unique_ptr<SuggestionAlgorithm> MakeGridSearch(const AlgorithmSettings&) {
  return std::make_unique<GridSearch>(order);
}

std::unique_ptr<SuggestionAlgorithm> MakeGp(const AlgorithmSettings& settings) {
  return std::make_unique<GpBandit>(settings.priors, settings.reproducible);
}

std::unique_ptr<SuggestionAlgorithm> MakeHybrid(const AlgorithmSettings& settings) {
  return std::make_unique<Hybrid>(settings.switch_at.value_or(kDefaultSwitchAt), settings.reproducible);
}

template <firefly::Species species>
std::unique_ptr<SuggestionAlgorithm> MakeFirefly(const AlgorithmSettings&) {
  return std::make_unique<FireflySearch>(species);
}

// What an algorithm cannot serve. Whatever is not named here it serves in full.
struct Limits {
  bool learns = true;
  bool takes_priors = false;
  bool numbers_only = false;  // neither categories nor conditions; at most CmaEs::kMaxParameters
  bool one_objective = false;
  bool countable_grid = false;  // at most Grid::kMaxPoints
};

struct AlgorithmEntry {
  const char* name;
  std::unique_ptr<SuggestionAlgorithm> (*make)(const AlgorithmSettings& settings);
  Limits limits = {};
};

// The only list. A new algorithm is a file pair, a test and a line here.
constexpr AlgorithmEntry kAlgorithms[] = {
    {"DEFAULT", &MakeGp, {.takes_priors = true}},
    {"ALGORITHM_UNSPECIFIED", &MakeGp, {.takes_priors = true}},
    {"GP_UCB_PE", &MakeGp, {.takes_priors = true}},
    {"GAUSSIAN_PROCESS_BANDIT", &MakeGp, {.takes_priors = true}},
    {"HYPER_FIREFLY", &MakeFirefly<firefly::Species::kHyper>},
    {"EAGLE_STRATEGY", &MakeFirefly<firefly::Species::kEagle>},
    {kHybrid, &MakeHybrid},
    {"TPE", &Make<Tpe>},
    {"CMA_ES", &Make<CmaEs>, {.numbers_only = true, .one_objective = true}},
    {"NSGA2", &Make<Nsga2>},
    {"REGULARIZED_EVOLUTION", &Make<RegularizedEvolution>, {.one_objective = true}},
    {"QUASI_RANDOM_SEARCH", &Make<QuasiRandomSearch>, {.learns = false}},
    {"RANDOM_SEARCH", &Make<RandomSearch>, {.learns = false}},
    {"GRID_SEARCH", &MakeGridSearch<GridOrder::kNestedLoops>, {.learns = false, .countable_grid = true}},
    {"SHUFFLED_GRID_SEARCH", &MakeGridSearch<GridOrder::kShuffled>, {.learns = false, .countable_grid = true}},
};

absl::StatusOr<const AlgorithmEntry*> Find(std::string_view name) {
  const std::string_view wanted = name.empty() ? "DEFAULT" : name;
  for (const AlgorithmEntry& entry : kAlgorithms) {
    if (wanted == entry.name) return &entry;
  }
  const std::vector<std::string> known = AlgorithmNames();
  return FieldError("algorithm", absl::StrCat(Quoted(name), " is not an algorithm of this server; it has ",
                                              absl::StrJoin(known, ", "),
                                              DidYouMean(absl::AsciiStrToUpper(std::string(name)), known)));
}

// What is wrong with a space for an algorithm of numbers only; empty: nothing.
std::string NotOnlyNumbers(const SearchSpace& space) {
  for (const Parameter& p : space.parameters()) {
    if (p.type == Parameter::Type::kCategorical) return absl::StrCat(Quoted(p.id), " is categorical");
    if (p.parent >= 0) return absl::StrCat(Quoted(p.id), " is conditional");
  }
  const size_t count = space.parameters().size();
  return count > CmaEs::kMaxParameters ? absl::StrCat("the study has ", count) : "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<SuggestionAlgorithm>> MakeAlgorithm(std::string_view name,
                                                                   const AlgorithmSettings& settings) {
  const auto entry = Find(name);
  if (!entry.ok()) return entry.status();
  auto algorithm = (*entry)->make(settings);
  if (!settings.warm_start.empty()) algorithm = std::make_unique<WarmStart>(std::move(algorithm));
  return algorithm;
}

absl::Status CheckAlgorithm(std::string_view name, const SearchSpace& space, const std::vector<Objective>& objectives) {
  ASSIGN_OR_RETURN(const AlgorithmEntry* entry, Find(name));
  const Limits& limits = entry->limits;
  if (limits.one_objective && objectives.size() > 1) {
    return FieldError("algorithm", absl::StrCat(entry->name, " searches for one objective, and this study has ",
                                                objectives.size(), "; use NSGA2, TPE or DEFAULT"));
  }
  if (const std::string fault = limits.numbers_only ? NotOnlyNumbers(space) : ""; !fault.empty()) {
    return FieldError("algorithm", absl::StrCat(entry->name, " searches up to ", CmaEs::kMaxParameters,
                                                " unconditional numbers, and ", fault, "; use DEFAULT or TPE"));
  }
  const Flatten flatten(space);
  if (limits.countable_grid && !Grid(flatten).size().has_value()) {
    return FieldError("algorithm", absl::StrCat("the grid of ", entry->name, " would have more than 2^53 points here; ",
                                                "use QUASI_RANDOM_SEARCH, which fills any space evenly, or DEFAULT"));
  }
  return absl::OkStatus();
}

absl::Status CheckWarmStart(std::string_view name, const std::vector<Objective>& objectives) {
  ASSIGN_OR_RETURN(const AlgorithmEntry* entry, Find(name));
  if (!entry->limits.learns) {
    return FieldError("warm_start", absl::StrCat(entry->name, " learns from no trials; use DEFAULT, or remove it"));
  }
  if (objectives.empty()) return FieldError("warm_start", "needs a metric that says which trials are good");
  return absl::OkStatus();
}

absl::Status CheckPriors(std::string_view name, const SearchSpace& space, const ParameterPriors& priors) {
  ASSIGN_OR_RETURN(const AlgorithmEntry* entry, Find(name));
  if (!priors.empty() && !entry->limits.takes_priors) {
    return FieldError("priors", absl::StrCat(entry->name, " has no use for priors; use DEFAULT, or remove them"));
  }
  const Flatten flatten(space);
  return PointPrior::Make(flatten, priors).status();
}

std::vector<std::string> AlgorithmNames() {
  std::vector<std::string> names;
  for (const AlgorithmEntry& entry : kAlgorithms) names.push_back(entry.name);
  return names;
}

}  // namespace photinus
