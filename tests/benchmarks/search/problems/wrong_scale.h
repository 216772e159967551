// Functions of parameters that nobody said are logarithmic.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_WRONG_SCALE_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_WRONG_SCALE_H_

#include "tests/benchmarks/search/problems/box_function.h"

namespace photinus {

// The same function of other coordinates: of every three one ought to be on a log scale of so many decades, one on a
// reverse log scale, and one is as it was.
BoxFunction OnWrongScale(const BoxFunction& function, double decades);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_WRONG_SCALE_H_
