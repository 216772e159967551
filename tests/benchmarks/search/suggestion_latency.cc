#include "tests/benchmarks/search/suggestion_latency.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "tests/benchmarks/search/problems/catalogue.h"
#include "tests/benchmarks/search/rival_searcher.h"
#include "tests/benchmarks/search/searcher.h"
#include "tests/benchmarks/search/statistics.h"
#include "tests/support/thread_seconds.h"

namespace photinus {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kSeed = 1;
constexpr int kProbeRows = 1000, kProbeRepeats = 21;

double WallSeconds() { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); }

Seconds QuantileOf(const std::vector<Seconds>& all, double q) {
  std::vector<double> wall, cpu;
  for (const Seconds& seconds : all) {
    wall.push_back(seconds.wall);
    cpu.push_back(seconds.cpu);
  }
  return {.wall = Quantile(wall, q), .cpu = Quantile(cpu, q)};
}

std::vector<EvaluatedPoint> HistoryOf(const Problem& problem, int trials) {
  const Flatten flatten(problem.space);
  Random random(1);
  std::vector<EvaluatedPoint> history;
  UnitPoint best;
  double least = std::numeric_limits<double>::infinity();  // regret
  for (int i = 0; i < trials; ++i) {
    UnitPoint unit(flatten.dimension());
    for (double& u : unit) u = random.Uniform();
    if (i >= trials / 2) {
      unit = best;
      for (double& u : unit) u = std::clamp(u + 0.1 * random.Normal(), 0.0, 1.0);
    }
    const Point point = flatten.ToPoint(unit);
    history.push_back(Evaluate(problem, point, kSeed, i + 1));
    const double regret = RegretCurve(problem, {WorthOf(problem, point)})[0];
    if (regret < least || best.empty()) best = unit;
    least = std::min(least, regret);
  }
  return history;
}

// Asks for one point and tells its value.
absl::StatusOr<Seconds> OneSuggestion(const Problem& problem, Searcher& searcher, int64_t trial) {
  const double wall = WallSeconds(), cpu = searcher.CpuSeconds();
  ASSIGN_OR_RETURN(const std::vector<Point> points, searcher.Ask(trial, 1));
  const Seconds seconds{.wall = WallSeconds() - wall, .cpu = searcher.CpuSeconds() - cpu};
  if (points.empty()) return absl::InternalError("no suggestion");
  RETURN_IF_ERROR(searcher.Tell({Evaluate(problem, points[0], kSeed, trial)}));
  return seconds;
}

}  // namespace

Seconds CholeskyProbe() {
  Random random(1);
  Eigen::MatrixXd a(kProbeRows, kProbeRows);
  for (double& v : a.reshaped()) v = random.Normal();
  const Eigen::MatrixXd positive = a * a.transpose() + Eigen::MatrixXd::Identity(kProbeRows, kProbeRows);
  std::vector<Seconds> all;
  for (int repeat = 0; repeat < kProbeRepeats; ++repeat) {
    Eigen::MatrixXd factor = positive;
    const double wall = WallSeconds(), cpu = ThreadSeconds();
    const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(factor);
    if (cholesky.info() == Eigen::Success) all.push_back({.wall = WallSeconds() - wall, .cpu = ThreadSeconds() - cpu});
  }
  return QuantileOf(all, 0.5);
}

absl::StatusOr<LatencyFigures> MeasureLatency(const std::string& algorithm, const std::string& problem_name, int trials,
                                              int suggestions) {
  ASSIGN_OR_RETURN(const Problem problem, MakeProblem(problem_name, kSeed));
  LatencyFigures figures;
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Searcher> searcher,
                     MakeSearcher(algorithm, problem, kSeed, Lessons::kBeside));
    RETURN_IF_ERROR(searcher->Tell(HistoryOf(problem, trials)));
    ASSIGN_OR_RETURN(figures.first, OneSuggestion(problem, *searcher, trials + 1));
    std::vector<Seconds> all;
    const double cpu = searcher->CpuSeconds();
    for (int i = 0; i < suggestions; ++i) {
      const bool beside_lesson = searcher->IsLearning();
      ASSIGN_OR_RETURN(const Seconds seconds, OneSuggestion(problem, *searcher, trials + 2 + i));
      all.push_back(seconds);
      if (!beside_lesson) continue;
      ++figures.beside_lessons;
      figures.slowest_beside_lesson = std::max(figures.slowest_beside_lesson, seconds.wall);
    }
    figures.cpu_per_suggestion = (searcher->CpuSeconds() - cpu) / suggestions;
    figures.p50 = QuantileOf(all, 0.5);
    figures.p99 = QuantileOf(all, 0.99);
  }
  rusage usage;  // of a rival's process once it has ended
  getrusage(FindRival(algorithm) != nullptr ? RUSAGE_CHILDREN : RUSAGE_SELF, &usage);
  figures.peak_memory_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  return figures;
}

}  // namespace photinus
