// Spaces whose parameters exist only while others have certain values. All are minimised, with optimum 0.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CONDITIONAL_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CONDITIONAL_H_

#include "common/base/random.h"
#include "tests/benchmarks/search/problems/problem.h"

namespace photinus {

// A training recipe: bowls around a hidden best recipe, and a choice of optimiser with knobs of its own.
Problem TrainingProblem(Random& random);

// A choice of four methods, each a BBOB function of its own parameters; one asks for a further choice between two.
Problem BranchesProblem(Random& random);

// A number of layers; each layer has a size and a dropout, whose best values depend on the layer.
Problem LayersProblem(Random& random);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CONDITIONAL_H_
