// Judges the history of a study.
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_HISTORY_CHECKER_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_HISTORY_CHECKER_H_

#include <string>
#include <vector>

#include "tests/conformance/history/history.h"

namespace photinus {

// The first things in the history that the contract does not allow, for people: each trial and what each client was
// given is linearizable, ids grow, and, unless an outcome is unknown, have no gaps. The history is complete but for
// calls whose outcome is unknown, and begins with a new study. Empty: nothing.
std::vector<std::string> FindViolations(std::vector<Operation> history);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_HISTORY_CHECKER_H_
