#include "tests/benchmarks/search/search_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/problems/catalogue.h"
#include "tests/benchmarks/search/statistics.h"

namespace photinus {
namespace {

constexpr int kReferenceSearches = 100;
constexpr uint64_t kReferenceStream = 0x4ef;
constexpr size_t kLatencyWindows = 20;

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

StepCurve MedianOfRandomSearches(const Problem& problem, int trials, uint64_t seed) {
  const Flatten flatten(problem.space);
  std::vector<std::vector<double>> curves;
  for (uint64_t search = 0; search < kReferenceSearches; ++search) {
    Random random(MixSeed(MixSeed(seed, kReferenceStream), search));
    std::vector<std::vector<double>> values;
    UnitPoint unit(flatten.dimension());
    for (int trial = 0; trial < trials; ++trial) {
      for (double& u : unit) u = random.Uniform();
      values.push_back(WorthOf(problem, flatten.ToPoint(unit)));
    }
    curves.push_back(RegretCurve(problem, values));
  }
  std::vector<double> medians;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> regrets;
    for (const std::vector<double>& curve : curves) regrets.push_back(curve[trial]);
    medians.push_back(Median(std::move(regrets)));
  }
  return ToStepCurve(medians);
}

}  // namespace

StepCurve ToStepCurve(const std::vector<double>& values) {
  StepCurve curve;
  for (size_t i = 0; i < values.size(); ++i) {
    if (curve.empty() || values[i] != curve.back().second) curve.emplace_back(static_cast<int>(i) + 1, values[i]);
  }
  return curve;
}

double ValueAt(const StepCurve& curve, int trial) {
  const auto later =
      std::upper_bound(curve.begin(), curve.end(), trial, [](int t, const auto& step) { return t < step.first; });
  return later == curve.begin() ? curve.front().second : std::prev(later)->second;
}

std::optional<RunKey> KeyOf(const nlohmann::json& line) {
  if (!line.is_object() || !line.contains("regret")) return std::nullopt;
  return RunKey{.suite = line.at("suite"),
                .problem = line.at("problem"),
                .algorithm = line.at("algorithm"),
                .seed = line.at("seed"),
                .trials = line.at("trials"),
                .batch = line.at("batch")};
}

absl::StatusOr<SearchRun> RunSearch(const RunKey& key) {
  ASSIGN_OR_RETURN(const Problem problem, MakeProblem(key.problem, key.seed));
  if (key.algorithm == kRandomReference) {
    return SearchRun{.key = key, .regret = MedianOfRandomSearches(problem, key.trials, key.seed)};
  }
  const Clock::time_point start = Clock::now();
  ASSIGN_OR_RETURN(const auto searcher, MakeSearcher(key.algorithm, problem, key.seed));
  const double start_seconds = SecondsSince(start);
  ASSIGN_OR_RETURN(SearchRun run, RunSearch(key, problem, *searcher));
  run.start_seconds = start_seconds;
  return run;
}

absl::StatusOr<SearchRun> RunSearch(const RunKey& key, const Problem& problem, Searcher& searcher) {
  SearchRun run{.key = key, .versions = searcher.Versions()};
  std::vector<std::vector<double>> values;
  for (int trial = 1; trial <= key.trials;) {
    const int count = std::min(key.batch, key.trials - trial + 1);
    const Clock::time_point begin = Clock::now();
    ASSIGN_OR_RETURN(const std::vector<Point> points, searcher.Ask(trial, count));
    double seconds = SecondsSince(begin);
    if (points.empty()) break;  // the space is used up
    std::vector<EvaluatedPoint> told;
    for (const Point& point : points) {
      values.push_back(WorthOf(problem, point));
      told.push_back(Evaluate(problem, point, key.seed, trial));
      ++trial;
    }
    const Clock::time_point telling = Clock::now();
    RETURN_IF_ERROR(searcher.Tell(told));
    seconds += SecondsSince(telling);
    run.seconds.insert(run.seconds.end(), points.size(), seconds / static_cast<double>(points.size()));
  }
  run.regret = ToStepCurve(RegretCurve(problem, values));
  run.feasible = static_cast<double>(values.size() - std::count_if(values.begin(), values.end(), &IsInfeasible)) /
                 static_cast<double>(std::max<size_t>(values.size(), 1));
  run.cpu_seconds = searcher.CpuSeconds();
  return run;
}

nlohmann::json ToJson(const SearchRun& run) {
  nlohmann::json line = {{"suite", run.key.suite},   {"problem", run.key.problem}, {"algorithm", run.key.algorithm},
                         {"seed", run.key.seed},     {"trials", run.key.trials},   {"batch", run.key.batch},
                         {"versions", run.versions}, {"regret", run.regret}};
  if (run.seconds.empty()) return line;
  line["seconds"] = {{"start", run.start_seconds},         {"first", run.seconds.front()},
                     {"p50", Quantile(run.seconds, 0.5)},  {"p90", Quantile(run.seconds, 0.9)},
                     {"p99", Quantile(run.seconds, 0.99)}, {"max", Quantile(run.seconds, 1)},
                     {"mean", Mean(run.seconds)}};
  const size_t count = run.seconds.size(), windows = std::min(kLatencyWindows, count);
  for (size_t w = 0; w < windows; ++w) {
    const auto begin = run.seconds.begin() + static_cast<std::ptrdiff_t>(w * count / windows);
    const auto end = run.seconds.begin() + static_cast<std::ptrdiff_t>((w + 1) * count / windows);
    line["latency"].push_back({(w + 1) * count / windows, Median({begin, end})});
  }
  line["feasible"] = run.feasible;
  line["cpu_seconds"] = run.cpu_seconds;
  line["peak_memory_mb"] = run.peak_memory_mb;
  return line;
}

}  // namespace photinus
