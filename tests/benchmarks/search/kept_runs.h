// Runs of rivals that are kept in the repository, so that nobody has to make them again: ALGORITHM.jsonl in data/.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_KEPT_RUNS_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_KEPT_RUNS_H_

#include <string>
#include <vector>

namespace photinus {

inline constexpr char kKeptRuns[] = SEARCH_DATA;  // their folder

// The files of the folder, sorted; none if there is no such folder.
std::vector<std::string> KeptFiles(const std::string& folder);

// Adds the rivals' runs in the inputs to the folder's files, each of which is written anew in the order of the runs;
// a run that is kept already is replaced. Regrets are rounded to 6 digits, seconds to 3. The reference is not kept:
// whoever compares makes it again, which is quick. Returns how many runs were added or replaced; -1 if a file cannot be
// written.
int KeepRuns(const std::vector<std::string>& inputs, const std::string& folder);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_KEPT_RUNS_H_
