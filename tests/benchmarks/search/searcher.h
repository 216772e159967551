// The one way to ask any algorithm, ours or a rival, for points.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCHER_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCHER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/algorithms/suggestion_algorithm.h"
#include "tests/benchmarks/search/problems/problem.h"

namespace photinus {

// When our algorithms learn (SuggestionAlgorithm::Learn) from what they are told.
enum class Lessons {
  kAtOnce,  // in Tell, so that the next suggestion profits
  kBeside,  // on another thread while the next suggestion is made with the old state, as in the server
};

// One search of one problem.
class Searcher {
 public:
  virtual ~Searcher() = default;

  // Points for the trials first_trial, first_trial + 1, ...; fewer than count: the space is used up.
  virtual absl::StatusOr<std::vector<Point>> Ask(int64_t first_trial, int count) = 0;
  // Finished trials, asked for or not.
  virtual absl::Status Tell(const std::vector<EvaluatedPoint>& trials) = 0;

  // CPU time of Ask and Tell so far, in seconds, without the start.
  virtual double CpuSeconds() const = 0;
  // Whether a lesson runs beside the next Ask.
  virtual bool IsLearning() const { return false; }
  // Program and libraries with their versions.
  virtual std::string Versions() const = 0;
};

// By name: an algorithm of our registry (HYBRID:switch_at=150 with that setting), or a rival of rival_searcher.h.
// NotFound for others, Unavailable if the rival's environment is not installed. The problem must outlive the searcher.
absl::StatusOr<std::unique_ptr<Searcher>> MakeSearcher(const std::string& algorithm, const Problem& problem,
                                                       uint64_t seed, Lessons lessons = Lessons::kAtOnce);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCHER_H_
