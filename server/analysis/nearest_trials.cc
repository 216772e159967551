#include "server/analysis/nearest_trials.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "common/base/status_macros.h"
#include "common/space/flatten.h"

namespace photinus {
namespace {

constexpr int64_t kTrialsPerCheck = 4096;

using Features = std::vector<double>;

std::optional<Features> FeaturesOf(const Flatten& flatten, const HistoryTrial& trial) {
  const std::optional<UnitPoint> unit = flatten.ToUnit(trial.point());
  if (!unit.has_value()) return std::nullopt;
  Features features(static_cast<size_t>(flatten.feature_dimension()));
  flatten.ToFeatures(*unit, features.data());
  return features;
}

double Distance(const Features& a, const Features& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

}  // namespace

absl::StatusOr<std::vector<NearTrial>> NearestEarlierTrials(const StudyHistory& history, int64_t id, size_t count,
                                                            const ReadOptions& options) {
  const Flatten flatten(history.problem().space);
  const std::optional<HistoryTrial> trial = history.Find(id);
  const std::optional<Features> features = trial.has_value() ? FeaturesOf(flatten, *trial) : std::nullopt;
  std::vector<NearTrial> nearest;
  if (!features.has_value()) return nearest;
  for (const HistoryTrial other : history) {
    if (other.id() >= id) break;
    if (other.id() % kTrialsPerCheck == 0) RETURN_IF_ERROR(options.Check());
    if (other.apart()) continue;
    const std::optional<Features> others = FeaturesOf(flatten, other);
    if (!others.has_value()) continue;
    const NearTrial near{other.id(), Distance(*features, *others)};
    const auto nearer = [](const NearTrial& a, const NearTrial& b) { return a.distance < b.distance; };
    nearest.insert(std::upper_bound(nearest.begin(), nearest.end(), near, nearer), near);
    if (nearest.size() > count) nearest.pop_back();
  }
  return nearest;
}

}  // namespace photinus
