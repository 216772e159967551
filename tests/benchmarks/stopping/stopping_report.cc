#include "tests/benchmarks/stopping/stopping_report.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace photinus {
namespace {

constexpr char kNone[] = "NONE";
constexpr double kPoints = 100;

RuleSummary SummaryOf(const std::vector<const StoppingRun*>& runs, const std::map<StoppingKey, double>& best) {
  RuleSummary summary{.key = runs[0]->key, .runs = static_cast<int>(runs.size())};
  const double n = static_cast<double>(runs.size());
  double stops = 0;
  std::map<uint64_t, std::vector<double>> differences;  // by seed
  std::vector<double> check_us;
  for (const StoppingRun* run : runs) {
    const StudyOutcome& outcome = run->outcome;
    summary.saved += outcome.saved / n;
    summary.hindsight_loss += outcome.hindsight_loss / n;
    summary.false_stops += outcome.false_stops;
    stops += outcome.stops;
    summary.score_deviations.resize(outcome.score_deviations.size());
    for (size_t i = 0; i < outcome.score_deviations.size(); ++i) {
      summary.score_deviations[i] += outcome.score_deviations[i] / n;
    }
    check_us.push_back(outcome.check_us);
    summary.learn_seconds = std::max(summary.learn_seconds, outcome.learn_seconds);
    StoppingKey none = run->key;
    none.rule = kNone;
    if (const auto paired = best.find(none); paired != best.end()) {
      differences[run->key.seed].push_back(run->outcome.best - paired->second);
    }
  }
  summary.false_stops /= std::max(stops, 1.0);
  summary.check_us = Median(std::move(check_us));
  summary.pairs = static_cast<int>(differences.size());
  if (differences.empty()) return summary;
  std::vector<double> means;
  std::vector<std::vector<double>> groups;
  for (const auto& [seed, repeats] : differences) {
    means.push_back(Mean(repeats));
    groups.push_back({means.back()});
  }
  summary.difference = Mean(means);
  summary.difference_interval = BootstrapMean(groups, /*seed=*/1);
  return summary;
}

// The rule, and what else tells the runs from those of other rows.
std::string NameOf(const StoppingKey& key, const std::vector<RuleSummary>& all) {
  const auto differ = [&](const auto& of) {
    return std::any_of(all.begin(), all.end(), [&](const RuleSummary& other) { return of(other.key) != of(key); });
  };
  std::vector<std::string> names = {key.rule};
  if (differ([](const StoppingKey& k) { return k.algorithm; })) names.push_back(key.algorithm);
  if (differ([](const StoppingKey& k) { return k.trials; })) names.push_back(absl::StrFormat("%d trials", key.trials));
  if (differ([](const StoppingKey& k) { return k.horizon; })) names.push_back(absl::StrFormat("%d steps", key.horizon));
  return absl::StrJoin(names, ", ");
}

}  // namespace

std::vector<RuleSummary> Summarise(const std::vector<StoppingRun>& runs) {
  std::map<StoppingKey, double> best;
  std::map<StoppingKey, std::vector<const StoppingRun*>> groups;  // by what they have in common
  for (const StoppingRun& run : runs) {
    best[run.key] = run.outcome.best;
    StoppingKey common = run.key;
    common.seed = 0;
    common.repeat = 0;
    groups[common].push_back(&run);
  }
  std::vector<RuleSummary> summaries;
  for (const auto& [common, group] : groups) summaries.push_back(SummaryOf(group, best));
  return summaries;
}

std::string StoppingTable(const std::vector<RuleSummary>& summaries) {
  std::string table =
      "| family | rule | runs | saved % | final reward, points (95 %) | false stops % | hindsight loss, points | score "
      "deviation at 10, 20, 50 % | check, us | lesson, s |\n|---|---|---|---|---|---|---|---|---|---|\n";
  for (const RuleSummary& s : summaries) {
    absl::StrAppendFormat(&table, "| %s | %s | %d | %.1f | %+.2f (%+.2f to %+.2f) | %.1f | %.2f | %s | %.0f | %.2f |\n",
                          s.key.family, NameOf(s.key, summaries), s.runs, 100 * s.saved, kPoints * s.difference,
                          kPoints * s.difference_interval.low, kPoints * s.difference_interval.high,
                          100 * s.false_stops, kPoints * s.hindsight_loss,
                          absl::StrJoin(s.score_deviations, " ",
                                        [](std::string* out, double d) { absl::StrAppendFormat(out, "%.2f", d); }),
                          s.check_us, s.learn_seconds);
  }
  return table;
}

}  // namespace photinus
