#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_

#include <memory>
#include <string>
#include <vector>

#include "server/algorithms/encoded_trials.h"
#include "tests/benchmarks/search/searcher.h"

namespace photinus {

// One of our algorithms, in this process and thread.
class OwnSearcher final : public Searcher {
 public:
  OwnSearcher(std::unique_ptr<SuggestionAlgorithm> algorithm, const Problem& problem, uint64_t seed);

  absl::StatusOr<std::vector<Point>> Ask(int64_t first_trial, int count) override;
  absl::Status Tell(const std::vector<EvaluatedPoint>& trials) override;
  double CpuSeconds() const override { return cpu_seconds_; }
  std::string Versions() const override { return "photinus " PHOTINUS_VERSION; }

 private:
  SuggestRequest Request(int64_t first_trial, int count);

  const std::unique_ptr<SuggestionAlgorithm> algorithm_;
  const Problem& problem_;
  const uint64_t seed_;
  const std::vector<EvaluatedPoint> none_;
  const std::vector<PendingPoint> no_pending_;
  std::vector<EvaluatedPoint> completed_;  // ascending trial id
  EncodedTrials trials_;                   // the same
  std::string state_;
  std::unique_ptr<AlgorithmCache> cache_;
  double cpu_seconds_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_
