#include "tests/benchmarks/search/searcher.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "tests/benchmarks/search/own_searcher.h"
#include "tests/benchmarks/search/rival_searcher.h"

namespace photinus {

absl::StatusOr<std::unique_ptr<Searcher>> MakeSearcher(const std::string& algorithm, const Problem& problem,
                                                       uint64_t seed, Lessons lessons) {
  if (const Rival* rival = FindRival(algorithm)) return RivalSearcher::Start(*rival, problem, seed);
  const std::vector<std::string> parts = absl::StrSplit(algorithm, absl::MaxSplits(":switch_at=", 1));
  AlgorithmSettings settings;
  if (parts.size() > 1 && !absl::SimpleAtoi(parts[1], &settings.switch_at.emplace())) {
    return absl::InvalidArgumentError(absl::StrCat("'", algorithm, "': switch_at must be a number of trials"));
  }
  ASSIGN_OR_RETURN(auto own, MakeAlgorithm(parts[0], settings));
  return std::make_unique<OwnSearcher>(std::move(own), problem, seed, lessons);
}

}  // namespace photinus
