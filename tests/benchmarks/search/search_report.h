// The report of many runs: tables in Markdown, plots in SVG.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_REPORT_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_REPORT_H_

#include <string>
#include <vector>

#include "common/plot/svg_plot.h"
#include "tests/benchmarks/search/comparison.h"

namespace photinus {

// Per setting: every algorithm's score, speed and versions, and the subject against every other algorithm.
std::string MarkdownReport(const std::vector<RunLine>& runs, const std::string& subject);

// Mean log10 relative regret by trials, one line per algorithm.
Plot RegretPlot(const Setting& setting, const SuiteRuns& runs);
// Median seconds of a suggestion by trials, one line per algorithm.
Plot LatencyPlot(const Setting& setting, const SuiteRuns& runs);

// Writes report.md, SUITE-TRIALS-regret.svg and SUITE-TRIALS-latency.svg (with batches SUITE-TRIALSxBATCH) into the
// folder, which is made. Kept runs (kept_runs.h) are added to those of the inputs. Returns the Markdown.
std::string WriteReport(const std::vector<std::string>& inputs, const std::string& subject, const std::string& folder);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_REPORT_H_
