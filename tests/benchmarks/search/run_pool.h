// Many runs, each in a process of its own.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_RUN_POOL_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_RUN_POOL_H_

#include <set>
#include <string>
#include <vector>

#include "tests/benchmarks/search/search_run.h"

namespace photinus {

// Makes the runs, `processes` at a time, and appends a line for each to `output` as it ends; reports progress and the
// time left on stderr. A process of its own gives a run its own CPU and memory figures, and a crash costs that run
// alone. label: if not empty, our algorithms are written as NAME@label. Returns how many runs failed. The calling
// process must have one thread.
int RunAll(const std::vector<RunKey>& runs, int processes, const std::string& label, const std::string& output);

// The keys of the lines of a file; none if there is no such file.
std::set<RunKey> KeysIn(const std::string& path);

// Appends in one write, which other processes cannot tear; false if that failed.
bool AppendLine(const std::string& path, const std::string& line);

// The name under which the results of an algorithm are written.
std::string Labelled(const std::string& algorithm, const std::string& label);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_RUN_POOL_H_
