#include "common/study_document/warm_up.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace photinus {
namespace {

constexpr double kMostTrials = 20, kFewestTrials = 10;
constexpr double kCarefulDelta = 0.01;

}  // namespace

double CareOf(double delta) { return std::min(1.0, kCarefulDelta / delta); }

int64_t WarmUp(double care) {
  return static_cast<int64_t>(std::ceil(std::max(kMostTrials * std::sqrt(care), kFewestTrials)));
}

int64_t FullTrialsToLearn(const EarlyStoppingSettings& settings) {
  const std::string& rule = settings.inner.empty() ? settings.rule : settings.inner;
  if (rule == "DECAY_CURVE") return WarmUp(1);
  return rule == "TSGP" || rule == "EXP_DECAY" ? WarmUp(CareOf(settings.delta.value_or(kUsualDelta))) : 0;
}

}  // namespace photinus
