#include "client/cli/report/network_runs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/records.h"

namespace photinus {
namespace {

constexpr size_t kBestWithoutRetests = 3;
constexpr size_t kFrontAtMost = 10;

using Metric = pb::StudySpec::MetricSpec;

double Sign(const Metric& metric) { return metric.goal() == Metric::MINIMIZE ? 1 : -1; }

double Cost(const Metric& metric, const NetworkRuns& network) {
  const std::vector<double> values = Values(network.runs, metric.metric_id());
  return values.empty() ? std::numeric_limits<double>::infinity() : Sign(metric) * Mean(values);
}

// Of all objectives, less is better; empty where one has no value.
std::vector<double> Costs(const std::vector<Metric>& objectives, const pb::Trial& trial) {
  std::vector<double> costs;
  for (const Metric& metric : objectives) {
    const auto value = FinalValue(trial, metric.metric_id());
    if (!value.has_value()) return {};
    costs.push_back(Sign(metric) * *value);
  }
  return costs;
}

bool Dominates(const std::vector<double>& a, const std::vector<double>& b) {
  if (a == b) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
  }
  return true;
}

// The front's first members. In lexicographic order nothing is dominated by what comes after it, and what is dominated
// is so by a member of the front: only the members before have to be asked.
std::vector<const pb::Trial*> Front(const std::vector<Metric>& objectives,
                                    const std::vector<const pb::Trial*>& trials) {
  std::vector<std::pair<std::vector<double>, const pb::Trial*>> candidates, front;
  for (const pb::Trial* trial : trials) {
    if (std::vector<double> costs = Costs(objectives, *trial); !costs.empty()) candidates.emplace_back(costs, trial);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& candidate : candidates) {
    if (front.size() == kFrontAtMost) break;
    const auto beats = [&](const auto& member) { return Dominates(member.first, candidate.first); };
    if (std::none_of(front.begin(), front.end(), beats)) front.push_back(candidate);
  }
  std::vector<const pb::Trial*> best;
  for (const auto& [costs, trial] : front) best.push_back(trial);
  return best;
}

}  // namespace

std::vector<const pb::Trial*> Within(const WinnerLimits& limits, const std::vector<pb::Trial>& trials) {
  std::vector<const pb::Trial*> within;
  for (const pb::Trial& trial : trials) {
    if (limits.Allow(std::stoll(trial.id()))) within.push_back(&trial);
  }
  return within;
}

std::vector<const pb::Trial*> Succeeded(const std::vector<pb::Trial>& trials) {
  std::vector<const pb::Trial*> runs;
  for (const pb::Trial& trial : trials) {
    if (trial.state() == pb::Trial::SUCCEEDED) runs.push_back(&trial);
  }
  return runs;
}

std::vector<double> Values(const std::vector<const pb::Trial*>& runs, const std::string& metric) {
  std::vector<double> values;
  for (const pb::Trial* run : runs) {
    if (const auto value = FinalValue(*run, metric); value.has_value()) values.push_back(*value);
  }
  return values;
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value - values[0];
  return values[0] + sum / static_cast<double>(values.size());
}

double Deviation(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

std::vector<NetworkRuns> NetworksOf(const pb::StudySpec& spec, const StudyResults& results,
                                    const WinnerLimits& limits) {
  const std::vector<Metric> objectives = Objectives(spec);
  std::vector<NetworkRuns> networks;
  for (const auto& [id, trials] : results.retests) {
    NetworkRuns network{absl::StrCat("trial ", id), Succeeded(trials), id};
    if (!network.runs.empty()) networks.push_back(std::move(network));
  }
  if (networks.empty() && !objectives.empty()) {
    const std::vector<const pb::Trial*> within = Within(limits, results.searched);
    for (const pb::Trial* trial :
         objectives.size() == 1 ? BestBy(objectives[0], within, kBestWithoutRetests) : Front(objectives, within)) {
      networks.push_back({absl::StrCat("trial ", trial->id()), {trial}, std::stoll(trial->id())});
    }
  } else if (!objectives.empty()) {
    std::stable_sort(networks.begin(), networks.end(), [&](const NetworkRuns& a, const NetworkRuns& b) {
      return Cost(objectives[0], a) < Cost(objectives[0], b);
    });
  }
  for (const auto& [name, trials] : results.baselines) {
    NetworkRuns network{name.empty() ? "a network of its own" : name, Succeeded(trials)};
    if (!network.runs.empty()) networks.push_back(std::move(network));
  }
  return networks;
}

const NetworkRuns* WinnerOf(const std::vector<NetworkRuns>& networks, const WinnerLimits& limits) {
  const auto may_win = [&](const NetworkRuns& network) { return network.trial > 0 && limits.Allow(network.trial); };
  const auto winner = std::find_if(networks.begin(), networks.end(), may_win);
  return winner == networks.end() ? nullptr : &*winner;
}

}  // namespace photinus
