#include "tests/benchmarks/search/search_report.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmarks/search/kept_runs.h"

namespace photinus {
namespace {

constexpr int kPlotPoints = 60;

std::set<std::string> ProblemsOf(const std::map<Instance, ScoredRun>& runs) {
  std::set<std::string> problems;
  for (const auto& [instance, run] : runs) problems.insert(instance.first);
  return problems;
}

// Over problems of means over seeds, so that a problem with more seeds counts no more.
template <typename Value>
double MeanOverProblems(const std::map<Instance, ScoredRun>& runs, const Value& value) {
  std::map<std::string, std::vector<double>> by_problem;
  for (const auto& [instance, run] : runs) by_problem[instance.first].push_back(value(run));
  std::vector<double> means;
  for (const auto& [problem, values] : by_problem) means.push_back(Mean(values));
  return Mean(means);
}

std::string Milliseconds(double seconds) { return absl::StrFormat("%.3g", 1e3 * seconds); }

// NaN: not known.
std::string Percent(double share) { return std::isnan(share) ? "" : absl::StrFormat("%.0f %%", 100 * share); }

std::string ScoreTable(const SuiteRuns& suite) {
  std::string table =
      "| algorithm | problems | runs | anytime | final | feasible | ms per suggestion: p50 | p99 | mean | start + "
      "first, s | CPU "
      "s per "
      "run | peak MiB |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& [algorithm, runs] : suite) {
    const auto seconds = [&](const char* what) {
      return MeanOverProblems(runs, [&](const ScoredRun& run) { return run.line.seconds.at(what); });
    };
    double peak = 0;
    for (const auto& [instance, run] : runs) peak = std::max(peak, run.line.peak_memory_mb);
    absl::StrAppendFormat(&table, "| %s | %d | %d | %.3f | %.3f | %s | %s | %s | %s | %.2f | %.1f | %.0f |\n",
                          algorithm, ProblemsOf(runs).size(), runs.size(),
                          MeanOverProblems(runs, [](const ScoredRun& run) { return run.score.anytime; }),
                          MeanOverProblems(runs, [](const ScoredRun& run) { return run.score.final; }),
                          Percent(MeanOverProblems(runs, [](const ScoredRun& run) { return run.line.feasible; })),
                          Milliseconds(seconds("p50")), Milliseconds(seconds("p99")), Milliseconds(seconds("mean")),
                          seconds("start") + seconds("first"),
                          MeanOverProblems(runs, [](const ScoredRun& run) { return run.line.cpu_seconds; }), peak);
  }
  return table;
}

std::string ComparisonTable(const SuiteRuns& suite, const std::string& subject) {
  std::string table = absl::StrCat("| ", subject,
                                   " against | pairs | anytime (95 %) | p | final (95 %) | p | wins |\n"
                                   "|---|---|---|---|---|---|---|\n");
  for (const Comparison& c : CompareWithRivals(suite, subject)) {
    absl::StrAppendFormat(&table, "| %s | %d | %.3f (%.3f to %.3f) | %.2g | %.3f (%.3f to %.3f) | %.2g | %.0f %% |\n",
                          c.rival, c.pairs, c.anytime, c.anytime_interval.low, c.anytime_interval.high, c.anytime_p,
                          c.final, c.final_interval.low, c.final_interval.high, c.final_p, 100 * c.wins);
  }
  return table;
}

std::string VersionList(const std::vector<RunLine>& runs) {
  std::map<std::string, std::set<std::string>> versions;
  for (const RunLine& run : runs) {
    if (!run.versions.empty()) versions[run.key.algorithm].insert(run.versions);
  }
  std::string list;
  for (const auto& [algorithm, names] : versions) {
    for (const std::string& name : names) absl::StrAppend(&list, "- ", algorithm, ": ", name, "\n");
  }
  return list;
}

std::string TitleOf(const Setting& setting) {
  const std::string batches = setting.batch > 1 ? absl::StrCat(", batches of ", setting.batch) : "";
  return absl::StrCat(setting.suite, " (", setting.trials, " trials", batches, ")");
}

std::string FileNameOf(const Setting& setting) {
  return absl::StrCat(setting.suite, "-", setting.trials, setting.batch > 1 ? absl::StrCat("x", setting.batch) : "");
}

void WriteFile(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

std::string MarkdownReport(const std::vector<RunLine>& runs, const std::string& subject) {
  std::string report =
      "log10 of regret relative to the median of 100 random searches on the same instance after as many trials; "
      "anytime: the mean over trials B/10..B, final: at B; feasible: the share of trials that count. Means over "
      "problems of means over seeds. Differences are "
      "paired by instance, negative where the first is better; intervals by bootstrap over problems and seeds, p by "
      "Wilcoxon's signed ranks, of other systems' algorithms with Holm's correction over them. The first suggestion, "
      "in which some "
      "compile, counts in mean and CPU time; the start of a rival's process with its imports does not.\n";
  for (const auto& [setting, scored] : ScoreRuns(runs)) {
    absl::StrAppendFormat(&report, "\n## %s\n\n%s\n%s", TitleOf(setting), ScoreTable(scored),
                          ComparisonTable(scored, subject));
  }
  return absl::StrCat(report, "\n## Versions\n\n", VersionList(runs));
}

Plot RegretPlot(const Setting& setting, const SuiteRuns& runs) {
  Plot plot{.title = absl::StrCat(TitleOf(setting), ": regret relative to random search"),
            .x_label = "trials",
            .y_label = "mean log10"};
  for (const auto& [algorithm, scored] : runs) {
    Series series{.name = algorithm, .points = {}};
    const int trials = setting.trials;
    for (int i = 1; i <= std::min(kPlotPoints, trials); ++i) {
      const int trial = trials * i / std::min(kPlotPoints, trials);
      series.points.emplace_back(trial, MeanOverProblems(scored, [&](const ScoredRun& run) {
                                   return RelativeLogRegret(run.line.regret, run.reference, trial, trials);
                                 }));
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

Plot LatencyPlot(const Setting& setting, const SuiteRuns& runs) {
  Plot plot{.title = absl::StrCat(TitleOf(setting), ": seconds per suggestion"),
            .x_label = "trials",
            .y_label = "median seconds",
            .log_y = true};
  for (const auto& [algorithm, scored] : runs) {
    std::map<int, std::vector<double>> by_trial;
    for (const auto& [instance, run] : scored) {
      for (const auto& [trial, seconds] : run.line.latency) by_trial[trial].push_back(std::max(seconds, 1e-7));
    }
    if (by_trial.empty()) continue;  // kept runs lack them
    Series series{.name = algorithm, .points = {}};
    for (const auto& [trial, seconds] : by_trial) series.points.emplace_back(trial, Median(seconds));
    plot.series.push_back(std::move(series));
  }
  return plot;
}

std::string WriteReport(const std::vector<std::string>& inputs, const std::string& subject, const std::string& folder) {
  const std::vector<RunLine> runs = ReadRuns(inputs, KeptFiles(kKeptRuns));
  const std::filesystem::path root(folder);
  std::filesystem::create_directories(root);
  for (const auto& [setting, scored] : ScoreRuns(runs)) {
    WriteFile(root / absl::StrCat(FileNameOf(setting), "-regret.svg"), ToSvg(RegretPlot(setting, scored)));
    WriteFile(root / absl::StrCat(FileNameOf(setting), "-latency.svg"), ToSvg(LatencyPlot(setting, scored)));
  }
  std::string report = MarkdownReport(runs, subject);
  WriteFile(root / "report.md", report);
  return report;
}

}  // namespace photinus
