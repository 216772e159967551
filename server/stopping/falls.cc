#include "server/stopping/falls.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "common/base/quantile.h"

namespace photinus {
namespace {

constexpr size_t kFallenValues = 3;
constexpr size_t kTrialsThatTellChance = 5;
constexpr double kRisen = 0.25, kFallen = 0.2;          // of the way from where curves begin to where they end
constexpr double kLeft = 1.0 / 3;                       // of what the curve had gained itself
constexpr double kDropped = 0.3;                        // of the way from the first value to the best
constexpr double kClear = 8;                            // deviations of a value, for a gain that noise does not make
constexpr double kTrialsFall = 0.5;                     // the prior probability that a study's trials do
constexpr double kPriorFalls = 9, kPriorHorizons = 60;  // in which so many fell, as the prior has it where trials fall
constexpr double kMedianDifference = 0.954;             // of two standard normals

// Whether the last values are far below the best one, as those of a fallen trial are whatever the others did.
bool HasDropped(const std::vector<CurvePoint>& points, double sign) {
  if (points.size() <= kFallenValues) return false;
  double best = -std::numeric_limits<double>::infinity(), latest = best;
  for (size_t i = 0; i < points.size(); ++i) {
    const double value = sign * points[i].value;
    best = std::max(best, value);
    if (i + kFallenValues >= points.size()) latest = std::max(latest, value);
  }
  return latest <= best - kDropped * (best - sign * points.front().value);
}

double PosteriorRate(double falls, double horizons) {
  const double where_trials_fall = (kPriorFalls + falls) / (kPriorHorizons + horizons);
  if (falls > 0) return where_trials_fall;
  const double none_yet = kTrialsFall * std::pow(kPriorHorizons / (kPriorHorizons + horizons), kPriorFalls);
  return where_trials_fall * none_yet / (none_yet + 1 - kTrialsFall);
}

}  // namespace

std::optional<double> UsualRise::StepOfFall(const LearningCurve& trial, size_t count) const {
  const double sign = maximize ? 1 : -1;
  const std::vector<CurvePoint> points = CleanPoints(trial, count);
  if (!HasDropped(points, sign)) return std::nullopt;
  double best = -std::numeric_limits<double>::infinity();
  for (const CurvePoint& point : points) best = std::max(best, sign * point.value);
  if (best < begin + kRisen * gain) return std::nullopt;
  const double chance = begin + std::min(kFallen * gain, kLeft * (best - begin));
  const auto above = std::find_if(points.rbegin(), points.rend(),
                                  [&](const CurvePoint& point) { return sign * point.value > chance; });
  const auto fallen = static_cast<size_t>(above - points.rbegin());
  if (fallen < kFallenValues) return std::nullopt;
  return points[points.size() - fallen].step;
}

bool UsualRise::IsFalling(const LearningCurve& trial) const {
  const double sign = maximize ? 1 : -1;
  const std::vector<CurvePoint> points = CleanPoints(trial, trial.points.size());
  double best = begin + kRisen * gain;
  for (const CurvePoint& point : points) best = std::max(best, sign * point.value);
  if (points.empty() || best == begin + kRisen * gain) return false;  // it has not come far enough to fall
  return sign * points.back().value <= best - std::max(kDropped * (best - begin), kClear * noise);
}

std::optional<UsualRise> UsualRiseOf(const StudyCurves& study) {
  const double sign = study.maximize ? 1 : -1;
  std::vector<double> first, last, last_steps;
  for (const auto& curve : study.finished) {
    if (!curve->finished || curve->stopped_early || curve->points.size() < 2) continue;
    const double begin = sign * curve->points.front().value, end = sign * curve->points.back().value;
    const double before = sign * curve->points[curve->points.size() - 2].value;
    if (!std::isfinite(begin) || !std::isfinite(before) || !std::isfinite(end)) continue;
    first.push_back(begin);
    last.push_back(end);
    last_steps.push_back(std::abs(end - before));
  }
  if (first.size() < kTrialsThatTellChance) return std::nullopt;
  UsualRise rise{.maximize = study.maximize};
  rise.begin_stddev = RobustDeviation(first);
  rise.begin = Quantile(std::move(first), 0.5);
  rise.gain = Quantile(std::move(last), 0.5) - rise.begin;
  rise.noise = Quantile(std::move(last_steps), 0.5) / kMedianDifference;
  return rise.gain > kClear * rise.noise ? std::make_optional(rise) : std::nullopt;
}

bool HasFallenToChance(const LearningCurve& trial, const StudyCurves& study) {
  if (!HasDropped(CleanPoints(trial, trial.points.size()), study.maximize ? 1 : -1)) return false;
  const std::optional<UsualRise> usual = UsualRiseOf(study);
  return usual.has_value() && usual->StepOfFall(trial, trial.points.size()).has_value();
}

double ChanceByTheHorizon(double rate, double share) { return -std::expm1(-rate * std::max(1 - share, 0.0)); }

Falls FallsOf(const StudyCurves& study, const UsualRise& usual, double horizon) {
  double exposure = 0, count = 0;
  std::vector<double> ends;
  for (const auto& curve : study.finished) {
    if (!curve->finished) continue;
    const std::optional<double> fall = usual.StepOfFall(*curve, curve->points.size());
    exposure += std::min(fall.value_or(LastStep(*curve)) / horizon, 1.0);
    count += fall.has_value() || (curve->stopped_early && usual.IsFalling(*curve)) ? 1 : 0;
    if (fall.has_value()) ends.push_back(CleanPoints(*curve, curve->points.size()).back().value);
  }
  Falls falls{.end = usual.begin, .end_stddev = std::hypot(usual.begin_stddev, usual.noise)};
  const double n = static_cast<double>(ends.size());
  falls.rate = PosteriorRate(count, exposure);
  if (ends.empty()) return falls;
  double sum = 0, squares = 0;
  for (double& end : ends) sum += end *= usual.maximize ? 1 : -1;
  falls.end = sum / n;
  for (const double end : ends) squares += (end - falls.end) * (end - falls.end);
  if (ends.size() > 1) falls.end_stddev = std::hypot(std::sqrt(squares / (n - 1)), usual.noise);
  return falls;
}

}  // namespace photinus
