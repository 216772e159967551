// Stand-ins for architecture search: closed forms with the habits of that trade and exact optima.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_NAS_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_NAS_H_

#include <vector>

#include "common/base/random.h"
#include "tests/benchmarks/search/problems/problem.h"

namespace photinus {

// Categories with a few levels each, few of them important, that interact with their neighbours: in the latent score
// 60 % of the variance are effects of one category, 40 % of pairs (a chain and skip edges of span 2 or 3). Accuracy is
// maximised and noisy. Optimum: variable elimination.
struct EpistasisSize {
  int categories = 24;
  int skip_edges = 8;
  int least_levels = 3, most_levels = 6;
};
Problem EpistasisProblem(const EpistasisSize& size, Random& random);

// A convolutional network of stages: each has an operation (categorical) and, unless that is a skip, a width (ordinal)
// and a depth (integer). The error in % is minimised and noisy; it falls with parameters and depth and depends on
// widths that jump and on which operations follow each other. Three skips in a row are as bad as chance; too many
// operations per inference are infeasible. Optimum: dynamic programming over the stages.
struct MacroNetSize {
  int stages = 8;
};
Problem MacroNetProblem(const MacroNetSize& size, Random& random);

// Categories on a ring in an NK landscape (each interacts with the next three), blended with an effect of each that is
// smooth in a hidden order, and eight optimiser knobs, of which the best learning rate depends on three categories and
// the batch size. Accuracy is maximised, noisy, and now and then lost where the learning rate is too high. Optimum:
// variable elimination around the ring, the knobs profiled out.
struct RidgeSize {
  int categories = 16;
};
Problem RidgeProblem(const RidgeSize& size, Random& random);

// Accuracy in % of a latent score of mean about 0 and deviation about 1: increasing, 94 at most, 10 at least.
double AccuracyOf(double score);
// Less noise where the accuracy is higher, as after training.
std::vector<double> NoisyAccuracy(const Point& point, const std::vector<double>& accuracy, Random& random);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_NAS_H_
