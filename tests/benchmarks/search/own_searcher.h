#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/benchmarks/search/searcher.h"

namespace photinus {

// One of our algorithms, in this process and thread.
class OwnSearcher final : public Searcher {
 public:
  OwnSearcher(std::unique_ptr<SuggestionAlgorithm> algorithm, const Problem& problem, uint64_t seed)
      : algorithm_(std::move(algorithm)), problem_(problem), seed_(seed) {}

  absl::StatusOr<std::vector<Point>> Ask(int64_t first_trial, int count) override;
  absl::Status Tell(const std::vector<EvaluatedPoint>& trials) override;
  double CpuSeconds() const override { return cpu_seconds_; }
  std::string Versions() const override { return "photinus " PHOTINUS_VERSION; }

 private:
  const std::unique_ptr<SuggestionAlgorithm> algorithm_;
  const Problem& problem_;
  const uint64_t seed_;
  std::vector<EvaluatedPoint> completed_;
  std::string state_;
  double cpu_seconds_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_
