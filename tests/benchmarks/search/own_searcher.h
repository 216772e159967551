#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "server/algorithms/encoded_trials.h"
#include "tests/benchmarks/search/searcher.h"

namespace photinus {

// One of our algorithms, in this process.
class OwnSearcher final : public Searcher {
 public:
  OwnSearcher(std::unique_ptr<SuggestionAlgorithm> algorithm, const Problem& problem, uint64_t seed,
              Lessons lessons = Lessons::kAtOnce);

  absl::StatusOr<std::vector<Point>> Ask(int64_t first_trial, int count) override;
  absl::Status Tell(const std::vector<EvaluatedPoint>& trials) override;
  double CpuSeconds() const override { return cpu_seconds_; }
  bool IsLearning() const override { return learning_.valid(); }
  std::string Versions() const override { return "photinus " PHOTINUS_VERSION; }

 private:
  struct Learnt {
    absl::StatusOr<std::string> state;
    double cpu_seconds = 0;
  };

  // Waits for the lesson, if there is one, and takes its state unless a suggestion has replaced that which it began
  // with.
  absl::Status FinishLesson();
  SuggestRequest Request(int64_t first_trial, int count);
  // The finished trials that a request is to tell of.
  std::vector<EvaluatedPoint> News(const WantedTrials& wanted) const;

  const std::unique_ptr<SuggestionAlgorithm> algorithm_;
  const Problem& problem_;
  const uint64_t seed_;
  const Lessons lessons_;
  const std::vector<PendingPoint> no_pending_;
  std::vector<EvaluatedPoint> completed_;  // trials 1, 2, ...
  EncodedTrials trials_;                   // the same
  std::vector<EvaluatedPoint> news_;       // of them, what the latest request tells of
  std::string state_;
  std::unique_ptr<AlgorithmCache> cache_;
  double cpu_seconds_ = 0;
  std::string learning_from_;     // the state that the lesson began with
  std::future<Learnt> learning_;  // last, because the lesson may refer to the algorithm
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_OWN_SEARCHER_H_
