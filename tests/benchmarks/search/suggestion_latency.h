// How long a suggestion takes after so many trials, next to a probe of the machine's speed.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUGGESTION_LATENCY_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUGGESTION_LATENCY_H_

#include <string>

#include "absl/status/statusor.h"

namespace photinus {

struct Seconds {
  double wall = 0, cpu = 0;
};

// The median of repeated f64 Cholesky factorisations (Eigen) of a random positive definite matrix of 1,000 rows.
Seconds CholeskyProbe();

struct LatencyFigures {
  Seconds first;     // of the first suggestion after the whole history was told at once
  Seconds p50, p99;  // of those that follow, each asked the moment a trial completes; CPU: of the asking thread
  double cpu_per_suggestion = 0;     // mean over the same, in seconds, with what is learnt from the trials
  int beside_lessons = 0;            // how many of them were made while another thread learnt
  double slowest_beside_lesson = 0;  // of those, wall seconds
  double peak_memory_mb = 0;         // of this process, or of the rival's
};

// Tells `trials` trials of instance 1 of the problem at once, of which half are random and half near the best of those,
// as a search leaves them, and asks for `suggestions` suggestions one after the other (Lessons::kBeside).
absl::StatusOr<LatencyFigures> MeasureLatency(const std::string& algorithm, const std::string& problem, int trials,
                                              int suggestions);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUGGESTION_LATENCY_H_
