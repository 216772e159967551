#include "tests/benchmarks/stopping/stopping_report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace photinus {
namespace {

constexpr char kNone[] = "NONE", kTsgp[] = "TSGP";
constexpr double kPoints = 100;

using Differences = std::map<uint64_t, std::vector<double>>;  // by seed, of its repeats

// Of the seeds' means over their repeats, so that a study that ran often counts once.
std::pair<double, Interval> MeanOf(const Differences& differences) {
  std::vector<double> means;
  std::vector<std::vector<double>> groups;
  for (const auto& [seed, repeats] : differences) {
    means.push_back(Mean(repeats));
    groups.push_back({means.back()});
  }
  return {Mean(means), BootstrapMean(groups, /*seed=*/1)};
}

// At each position that a run has, of those that do.
std::vector<double> MediansOf(const std::vector<std::vector<double>>& runs) {
  std::vector<std::vector<double>> columns;
  for (const std::vector<double>& run : runs) {
    columns.resize(std::max(columns.size(), run.size()));
    for (size_t i = 0; i < run.size(); ++i) columns[i].push_back(run[i]);
  }
  std::vector<double> medians;
  for (std::vector<double>& column : columns) medians.push_back(Median(std::move(column)));
  return medians;
}

RuleSummary SummaryOf(const std::vector<const StoppingRun*>& runs, const std::map<StoppingKey, double>& best) {
  RuleSummary summary{.key = runs[0]->key, .runs = static_cast<int>(runs.size())};
  const double n = static_cast<double>(runs.size());
  double stops = 0;
  std::vector<std::vector<double>> scores, quantiles;
  Differences differences;
  std::vector<double> check_us;
  for (const StoppingRun* run : runs) {
    const StudyOutcome& outcome = run->outcome;
    summary.saved += outcome.saved / n;
    summary.hindsight_loss += outcome.hindsight_loss / n;
    summary.false_stops += outcome.false_stops;
    stops += outcome.stops;
    scores.push_back(outcome.score_rms);
    quantiles.push_back(outcome.quantile_rms);
    check_us.push_back(outcome.check_us);
    summary.learn_seconds = std::max(summary.learn_seconds, outcome.learn_seconds);
    StoppingKey none = run->key;
    none.rule = kNone;
    if (const auto paired = best.find(none); paired != best.end()) {
      differences[run->key.seed].push_back(run->outcome.best - paired->second);
    }
  }
  summary.score_rms = MediansOf(scores);
  summary.quantile_rms = MediansOf(quantiles);
  summary.false_stops /= std::max(stops, 1.0);
  summary.check_us = Median(std::move(check_us));
  summary.pairs = static_cast<int>(differences.size());
  if (differences.empty()) return summary;
  std::tie(summary.difference, summary.difference_interval) = MeanOf(differences);
  return summary;
}

// The rule, and what else tells the runs from those of other rows, whose keys are `all`.
std::string NameOf(const StoppingKey& key, const std::vector<StoppingKey>& all) {
  const auto differ = [&](const auto& of) {
    return std::any_of(all.begin(), all.end(), [&](const StoppingKey& other) { return of(other) != of(key); });
  };
  std::vector<std::string> names = {key.rule};
  if (differ([](const StoppingKey& k) { return k.algorithm; })) names.push_back(key.algorithm);
  if (differ([](const StoppingKey& k) { return k.trials; })) names.push_back(absl::StrFormat("%d trials", key.trials));
  if (differ([](const StoppingKey& k) { return k.horizon; })) names.push_back(absl::StrFormat("%d steps", key.horizon));
  return absl::StrJoin(names, ", ");
}

// By what the runs have in common, in seed and repeat 0.
std::map<StoppingKey, std::vector<const StoppingRun*>> Grouped(const std::vector<StoppingRun>& runs) {
  std::map<StoppingKey, std::vector<const StoppingRun*>> groups;
  for (const StoppingRun& run : runs) {
    StoppingKey common = run.key;
    common.seed = 0;
    common.repeat = 0;
    groups[common].push_back(&run);
  }
  return groups;
}

bool IsTsgp(const std::string& rule) {
  return (rule == kTsgp || absl::StartsWith(rule, "TSGP:")) && !absl::StrContains(rule, ":told=");
}

// nullopt: no study that both have run. Runs: each of one group.
std::optional<RivalComparison> Compare(const std::vector<const StoppingRun*>& rival,
                                       const std::vector<const StoppingRun*>& tsgp) {
  std::map<std::pair<uint64_t, int>, const StudyOutcome*> rivals;
  for (const StoppingRun* run : rival) rivals[{run->key.seed, run->key.repeat}] = &run->outcome;
  RivalComparison sums{.rival = rival[0]->key, .rule = tsgp[0]->key.rule};
  Differences differences;
  double n = 0;
  for (const StoppingRun* run : tsgp) {
    const auto other = rivals.find({run->key.seed, run->key.repeat});
    if (other == rivals.end()) continue;
    differences[run->key.seed].push_back(run->outcome.best - other->second->best);
    sums.saved += run->outcome.saved;
    sums.rival_saved += other->second->saved;
    sums.hindsight_loss += run->outcome.hindsight_loss;
    sums.rival_hindsight_loss += other->second->hindsight_loss;
    ++n;
  }
  if (differences.empty()) return std::nullopt;
  for (double* sum : {&sums.saved, &sums.rival_saved, &sums.hindsight_loss, &sums.rival_hindsight_loss}) *sum /= n;
  sums.saves_as_much = sums.saved >= sums.rival_saved;
  sums.pairs = static_cast<int>(differences.size());
  std::tie(sums.difference, sums.difference_interval) = MeanOf(differences);
  return sums;
}

// Whether a setting serves better beside the same rival.
bool ServesBetter(const RivalComparison& a, const RivalComparison& b) {
  if (a.saves_as_much != b.saves_as_much) return a.saves_as_much;
  return a.saves_as_much ? a.difference > b.difference : a.saved > b.saved;
}

}  // namespace

std::vector<RuleSummary> Summarise(const std::vector<StoppingRun>& runs) {
  std::map<StoppingKey, double> best;
  for (const StoppingRun& run : runs) best[run.key] = run.outcome.best;
  const auto groups = Grouped(runs);
  std::vector<RuleSummary> summaries;
  for (const auto& [common, group] : groups) summaries.push_back(SummaryOf(group, best));
  return summaries;
}

std::string StoppingTable(const std::vector<RuleSummary>& summaries) {
  std::string table =
      "| family | rule | runs | saved % | final reward, points (95 %) | false stops % | hindsight loss, points | score "
      "at "
      "10, 20, 50 %: root mean square | of the quantiles | check, us | lesson, s |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n";
  std::vector<StoppingKey> keys;
  for (const RuleSummary& s : summaries) keys.push_back(s.key);
  const auto scores = [](const std::vector<double>& values) {
    return absl::StrJoin(values, " ", [](std::string* out, double d) { absl::StrAppendFormat(out, "%.2f", d); });
  };
  for (const RuleSummary& s : summaries) {
    absl::StrAppendFormat(
        &table, "| %s | %s | %d | %.1f | %+.2f (%+.2f to %+.2f) | %.1f | %.2f | %s | %s | %.0f | %.2f |\n",
        s.key.family, NameOf(s.key, keys), s.runs, 100 * s.saved, kPoints * s.difference,
        kPoints * s.difference_interval.low, kPoints * s.difference_interval.high, 100 * s.false_stops,
        kPoints * s.hindsight_loss, scores(s.score_rms), scores(s.quantile_rms), s.check_us, s.learn_seconds);
  }
  return table;
}

std::vector<RivalComparison> CompareWithRivals(const std::vector<StoppingRun>& runs) {
  const auto groups = Grouped(runs);
  std::vector<RivalComparison> comparisons;
  for (const auto& [rival, group] : groups) {
    if (rival.rule == kNone || absl::StartsWith(rival.rule, kTsgp)) continue;
    std::optional<RivalComparison> best;
    for (const auto& [setting, tsgp] : groups) {
      StoppingKey same = setting;
      same.rule = rival.rule;
      if (!IsTsgp(setting.rule) || same != rival) continue;
      const auto comparison = Compare(group, tsgp);
      if (comparison.has_value() && (!best.has_value() || ServesBetter(*comparison, *best))) best = comparison;
    }
    if (best.has_value()) comparisons.push_back(*std::move(best));
  }
  return comparisons;
}

std::string RivalTable(const std::vector<RivalComparison>& comparisons) {
  std::string table =
      "| family | rival | setting | studies | saved %, of rival | saves as much | final reward less the rival's, "
      "points "
      "(95 %) | hindsight loss, of rival, points |\n|---|---|---|---|---|---|---|---|\n";
  std::vector<StoppingKey> keys;
  for (const RivalComparison& c : comparisons) keys.push_back(c.rival);
  for (const RivalComparison& c : comparisons) {
    absl::StrAppendFormat(&table, "| %s | %s | %s | %d | %.1f, %.1f | %s | %+.2f (%+.2f to %+.2f) | %.2f, %.2f |\n",
                          c.rival.family, NameOf(c.rival, keys), c.rule, c.pairs, 100 * c.saved, 100 * c.rival_saved,
                          c.saves_as_much ? "yes" : "no", kPoints * c.difference, kPoints * c.difference_interval.low,
                          kPoints * c.difference_interval.high, kPoints * c.hindsight_loss,
                          kPoints * c.rival_hindsight_loss);
  }
  return table;
}

}  // namespace photinus
