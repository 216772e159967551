#include "server/algorithms/registry.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "server/algorithms/firefly_search.h"
#include "server/algorithms/gp_bandit.h"
#include "server/algorithms/hybrid.h"
#include "server/algorithms/quasi_random_search.h"
#include "server/algorithms/random_search.h"

namespace photinus {
namespace {

template <typename Algorithm>
std::unique_ptr<SuggestionAlgorithm> Make() {
  return std::make_unique<Algorithm>();
}

template <firefly::Species species>
std::unique_ptr<SuggestionAlgorithm> MakeFirefly() {
  return std::make_unique<FireflySearch>(species);
}

struct AlgorithmEntry {
  const char* name;
  std::unique_ptr<SuggestionAlgorithm> (*make)();
};

// The only list. A new algorithm is a file pair, a test and a line here.
constexpr AlgorithmEntry kAlgorithms[] = {
    {"DEFAULT", &Make<GpBandit>},
    {"ALGORITHM_UNSPECIFIED", &Make<GpBandit>},
    {"GP_UCB_PE", &Make<GpBandit>},
    {"GAUSSIAN_PROCESS_BANDIT", &Make<GpBandit>},
    {"HYPER_FIREFLY", &MakeFirefly<firefly::Species::kHyper>},
    {"EAGLE_STRATEGY", &MakeFirefly<firefly::Species::kEagle>},
    {kHybrid, &Make<Hybrid>},
    {"RANDOM_SEARCH", &Make<RandomSearch>},
    {"QUASI_RANDOM_SEARCH", &Make<QuasiRandomSearch>},
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

}  // namespace

absl::StatusOr<std::unique_ptr<SuggestionAlgorithm>> MakeAlgorithm(std::string_view name) {
  const auto entry = Find(name);
  if (!entry.ok()) return entry.status();
  return (*entry)->make();
}

absl::Status CheckAlgorithm(std::string_view name, const SearchSpace&, const std::vector<Objective>&) {
  return Find(name).status();  // all present algorithms serve every space and any number of objectives
}

std::vector<std::string> AlgorithmNames() {
  std::vector<std::string> names;
  for (const AlgorithmEntry& entry : kAlgorithms) names.push_back(entry.name);
  return names;
}

}  // namespace photinus
