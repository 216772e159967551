// What runs of several algorithms on the same instances say about each other.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/benchmarks/search/search_run.h"
#include "tests/benchmarks/search/statistics.h"

namespace photinus {

// log10 of regret relative to the median regret of random search after as many trials:
//   g_t = log10(max(r_t, eps) / max(R_t, eps)),  eps = 1e-8 R_B
// with B the number of trials of the run and R the reference. Negative is better than random search.
double RelativeLogRegret(const StepCurve& regret, const StepCurve& reference, int trial, int trials);

struct Score {
  double anytime = 0;  // the mean of g_t over t in [B/10, B]
  double final = 0;    // g_B
};
Score ScoreOf(const StepCurve& regret, const StepCurve& reference, int trials);

// What the report needs of one line of results.
struct RunLine {
  RunKey key;
  StepCurve regret;
  std::string versions;
  std::map<std::string, double> seconds;        // "start", "first", "p50", ...
  std::vector<std::pair<int, double>> latency;  // (trial, seconds)
  double cpu_seconds = 0, peak_memory_mb = 0;
  double feasible = 1;
};
// Lines of a run that is repeated in a later file or line: the last counts. Of the files of `kept` (kept_runs.h) only
// lines of instances that the others have, and no run that those have themselves. Ends the program if a file cannot be
// read.
std::vector<RunLine> ReadRuns(const std::vector<std::string>& paths, const std::vector<std::string>& kept = {});

// What runs have in common that may be compared.
struct Setting {
  std::string suite;
  int trials = 0, batch = 1;

  auto operator<=>(const Setting&) const = default;
};

// The runs of one setting by algorithm, scored; instances without a reference are left out.
using Instance = std::pair<std::string, uint64_t>;  // problem, seed
struct ScoredRun {
  RunLine line;
  Score score;
  StepCurve reference;
};
using SuiteRuns = std::map<std::string, std::map<Instance, ScoredRun>>;
std::map<Setting, SuiteRuns> ScoreRuns(const std::vector<RunLine>& lines);

// The subject less the rival, over the instances that both have run: negative means that the subject is better.
struct Comparison {
  std::string rival;
  int pairs = 0;
  double anytime = 0, final = 0;  // means over problems of means over seeds
  Interval anytime_interval, final_interval;
  double wins = 0;  // share of the pairs in which the subject's final regret is lower; ties count half
  // Wilcoxon; those of rivals (rival_searcher.h) Holm-adjusted over all of them that share instances with the subject.
  // Our own algorithms and versions are no rivals: as members of the family they would make the rivals' p greater, and
  // so hide losses.
  double anytime_p = 1, final_p = 1;
};
std::vector<Comparison> CompareWithRivals(const SuiteRuns& suite, const std::string& subject);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_
