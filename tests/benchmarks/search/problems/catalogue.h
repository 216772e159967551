// All problems by name.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CATALOGUE_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CATALOGUE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tests/benchmarks/search/problems/problem.h"

namespace photinus {

// Names:
//   f1-d8 .. f24-d40       BBOB functions in any number of dimensions of at least 2
//   f8-d20-noise1, -noise10   with noise of 1 % or 10 % of the interquartile range of random points
//   f8-d20-outliers        with a few evaluations that show values a million times too bad
//   f8-d20-log2            with a third of the parameters that ought to be on a log scale of two decades, and a third
//                          on a reverse log scale
//   f8-d20-mixed           with two thirds of the parameters ordinal and categorical
//   nas-epistasis, nas-macro, nas-ridge, conditional-training, conditional-branches, conditional-layers
//   nas-epistasis-wide     with 40 categories of 26 levels
//   constrained-halfspaces, constrained-ball, constrained-safety
//   zdt1, zdt2, zdt3, dtlz2, dtlz7
// Instance `instance` has its own optimum, rotation, tables and order of categories, always the same. InvalidArgument
// for any other name.
absl::StatusOr<Problem> MakeProblem(const std::string& name, uint64_t instance);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CATALOGUE_H_
