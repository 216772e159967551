#include "tests/benchmarks/search/latency_table.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/run_pool.h"
#include "tests/benchmarks/search/suggestion_latency.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

Json ToJson(const Seconds& seconds) { return {{"wall", seconds.wall}, {"cpu", seconds.cpu}}; }

std::string SlowestBesideLesson(const LatencyFigures& figures) {
  if (figures.beside_lessons == 0) return "-";
  return absl::StrFormat("%.2f of %d", 1e3 * figures.slowest_beside_lesson, figures.beside_lessons);
}

// The exit status of the process that measures one row.
int PrintRow(const LatencyCase& row, int suggestions, const std::string& name, const std::string& output) {
  const Seconds before = CholeskyProbe();
  const absl::StatusOr<LatencyFigures> figures = MeasureLatency(row.algorithm, row.problem, row.trials, suggestions);
  const Seconds after = CholeskyProbe();
  if (!figures.ok()) {
    std::fprintf(stderr, "%s: %s\n", row.algorithm.c_str(), figures.status().ToString().c_str());
    return 1;
  }
  const Seconds probe = {.wall = (before.wall + after.wall) / 2, .cpu = (before.cpu + after.cpu) / 2};
  std::printf(
      "| %s | %s | %d | %.1f | %.2f (%.2f) | %.2f (%.2f) | %.2f (%.2f) | %.2f (%.2f) | %s | %.2f (%.2f) | %.2f | %.0f "
      "|\n",
      name.c_str(), row.problem.c_str(), row.trials, 1e3 * figures->first.wall, 1e3 * figures->p50.wall,
      figures->p50.wall / probe.wall, 1e3 * figures->p50.cpu, figures->p50.cpu / probe.cpu, 1e3 * figures->p99.wall,
      figures->p99.wall / probe.wall, 1e3 * figures->p99.cpu, figures->p99.cpu / probe.cpu,
      SlowestBesideLesson(*figures).c_str(), 1e3 * figures->cpu_per_suggestion, figures->cpu_per_suggestion / probe.cpu,
      1e3 * probe.cpu, figures->peak_memory_mb);
  std::fflush(stdout);
  const Json line = {{"latency_of", name},
                     {"problem", row.problem},
                     {"trials", row.trials},
                     {"suggestions", suggestions},
                     {"first", ToJson(figures->first)},
                     {"p50", ToJson(figures->p50)},
                     {"p99", ToJson(figures->p99)},
                     {"cholesky", ToJson(probe)},
                     {"peak_memory_mb", figures->peak_memory_mb},
                     {"cpu_per_suggestion", figures->cpu_per_suggestion},
                     {"beside_lessons", figures->beside_lessons},
                     {"slowest_beside_lesson", figures->slowest_beside_lesson}};
  return AppendLine(output, line.dump() + "\n") ? 0 : 1;
}

}  // namespace

int PrintLatencies(const std::vector<LatencyCase>& cases, int suggestions, const std::string& label,
                   const std::string& output) {
  std::printf(
      "In ms, and in brackets as ratio to a Cholesky factorisation of 1,000 rows before and after. Beside a lesson: "
      "the "
      "slowest of the suggestions that were made while another thread learnt. CPU each: the mean, lessons included.\n\n"
      "| algorithm | problem | trials | first | p50 wall | p50 CPU | p99 wall | p99 CPU | beside a lesson | CPU each "
      "| Cholesky CPU | peak MiB |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  int failed = 0;
  for (const LatencyCase& row : cases) {
    std::fflush(nullptr);  // or the child would write what this process has buffered
    const pid_t pid = fork();
    if (pid == 0) _exit(PrintRow(row, suggestions, Labelled(row.algorithm, label), output));
    int status = 1;
    if (pid > 0) waitpid(pid, &status, 0);
    failed += status == 0 ? 0 : 1;
  }
  return failed;
}

}  // namespace photinus
