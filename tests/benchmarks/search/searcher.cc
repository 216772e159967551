#include "tests/benchmarks/search/searcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "tests/benchmarks/search/own_searcher.h"
#include "tests/benchmarks/search/rival_searcher.h"

namespace photinus {

absl::StatusOr<std::unique_ptr<Searcher>> MakeSearcher(const std::string& algorithm, const Problem& problem,
                                                       uint64_t seed, Lessons lessons) {
  if (const Rival* rival = FindRival(algorithm)) return RivalSearcher::Start(*rival, problem, seed);
  ASSIGN_OR_RETURN(auto own, MakeAlgorithm(algorithm));
  return std::make_unique<OwnSearcher>(std::move(own), problem, seed, lessons);
}

}  // namespace photinus
