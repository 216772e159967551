// The report of many runs: tables in Markdown, plots in SVG.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_REPORT_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_REPORT_H_

#include <string>
#include <vector>

#include "tests/benchmarks/search/comparison.h"
#include "tests/benchmarks/search/svg_plot.h"

namespace photinus {

// Per suite: every algorithm's score, speed and versions, and the subject against every other algorithm.
std::string MarkdownReport(const std::vector<RunLine>& runs, const std::string& subject);

// Mean log10 relative regret by trials, one line per algorithm.
Plot RegretPlot(const std::string& suite, const SuiteRuns& runs);
// Median seconds of a suggestion by trials, one line per algorithm.
Plot LatencyPlot(const std::string& suite, const SuiteRuns& runs);

// Writes report.md, SUITE-regret.svg and SUITE-latency.svg into the folder, which is made. Returns the Markdown.
std::string WriteReport(const std::vector<std::string>& inputs, const std::string& subject, const std::string& folder);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_REPORT_H_
