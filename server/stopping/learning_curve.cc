#include "server/stopping/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/quantile.h"
#include "common/base/random.h"
#include "common/study_document/warm_up.h"

namespace photinus {
namespace {

constexpr size_t kTrialsThatTellTheHorizon = 5;
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
