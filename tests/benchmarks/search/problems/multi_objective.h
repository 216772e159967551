// ZDT1-3 [Zitzler, Deb, Thiele 2000] and DTLZ2, 7 [Deb, Thiele, Laumanns, Zitzler 2002], all minimised.
//
// In the originals every parameter but the first ones is best at one end (ZDT, DTLZ7) or in the middle (DTLZ2) of [0,
// 1]; here each is best at a place of the instance's own, and the parameters stand in an order of its own. The Pareto
// front stays the same.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_MULTI_OBJECTIVE_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_MULTI_OBJECTIVE_H_

#include <string>
#include <vector>

#include "common/base/random.h"
#include "tests/benchmarks/search/problems/problem.h"

namespace photinus {

// "zdt1", "zdt2", "zdt3", "dtlz2" (three objectives), "dtlz7" (two).
std::vector<std::string> MultiObjectiveNames();
Problem MultiObjectiveProblem(const std::string& name, Random& random);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_MULTI_OBJECTIVE_H_
