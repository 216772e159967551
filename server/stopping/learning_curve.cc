#include "server/stopping/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/base/random.h"
#include "server/stopping/quantile.h"

namespace photinus {
namespace {

constexpr size_t kTrialsThatTellTheHorizon = 5;
constexpr double kFullShare = 0.9;  // of the horizon
constexpr size_t kFallenValues = 3;
constexpr size_t kTrialsThatTellChance = 5;
constexpr double kRisen = 0.5, kFallen = 0.2;  // of the way from where curves begin to where they end
constexpr uint64_t kShareStream = 0x57a7e;

}  // namespace

double HorizonOf(const StudyCurves& study) {
  if (study.horizon > 0) return study.horizon;
  std::vector<double> ends;
  for (const auto& curve : study.finished) {
    if (!curve->finished || curve->stopped_early) continue;
    if (const double end = LastStep(*curve); end > 0) ends.push_back(end);
  }
  return ends.size() >= kTrialsThatTellTheHorizon ? Quantile(std::move(ends), 0.5) : 0;
}

double EndOf(const LearningCurve& trial, const StudyCurves& study) {
  const double horizon = HorizonOf(study);
  return study.horizon == 0 && LastStep(trial) > horizon ? 0 : horizon;
}

bool IsFull(const LearningCurve& curve, double horizon) {
  return curve.finished && !curve.stopped_early && LastStep(curve) >= kFullShare * horizon;
}

std::vector<CurvePoint> CleanPoints(const LearningCurve& curve, size_t points) {
  std::vector<CurvePoint> clean;
  for (size_t i = 0; i < points; ++i) {
    const CurvePoint& point = curve.points[i];
    if (!std::isfinite(point.value)) continue;
    if (!clean.empty() && clean.back().step == point.step) clean.pop_back();
    clean.push_back(point);
  }
  return clean;
}

bool HasFallenToChance(const LearningCurve& trial, const StudyCurves& study) {
  const double sign = study.maximize ? 1 : -1;
  const std::vector<CurvePoint> points = CleanPoints(trial, trial.points.size());
  if (points.size() <= kFallenValues) return false;
  double best = sign * points.front().value, latest = -std::numeric_limits<double>::infinity();
  for (const CurvePoint& point : points) best = std::max(best, sign * point.value);
  for (size_t i = points.size() - kFallenValues; i < points.size(); ++i) {
    latest = std::max(latest, sign * points[i].value);
  }
  // Most curves have not fallen at all, whatever the others did.
  if (latest > best - (kRisen - kFallen) * (best - sign * points.front().value)) return false;
  std::vector<double> first, last;
  for (const auto& curve : study.finished) {
    if (!curve->finished || curve->stopped_early || curve->points.size() < 2) continue;
    const double begin = sign * curve->points.front().value, end = sign * curve->points.back().value;
    if (!std::isfinite(begin) || !std::isfinite(end)) continue;
    first.push_back(begin);
    last.push_back(end);
  }
  if (first.size() < kTrialsThatTellChance) return false;
  const double chance = Quantile(std::move(first), 0.5), gain = Quantile(std::move(last), 0.5) - chance;
  return gain > 0 && best >= chance + kRisen * gain && latest <= chance + kFallen * gain;
}

std::optional<double> FirstValueFrom(const LearningCurve& curve, double step) {
  for (const CurvePoint& point : curve.points) {
    if (point.step >= step && std::isfinite(point.value)) return point.value;
  }
  return std::nullopt;
}

double LastStep(const LearningCurve& curve) {
  const auto last = std::find_if(curve.points.rbegin(), curve.points.rend(),
                                 [](const CurvePoint& point) { return std::isfinite(point.value); });
  return last == curve.points.rend() ? 0 : last->step;
}

double ShareOfTrial(uint64_t seed, int64_t trial_id) {
  return Random(MixSeed(MixSeed(seed, kShareStream), static_cast<uint64_t>(trial_id))).Uniform();
}

}  // namespace photinus
