// How much stopping rules that predict want to see before they stop a trial.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_WARM_UP_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_WARM_UP_H_

#include <cstdint>

#include "common/study_document/study_document.h"

namespace photinus {

// `delta` of TSGP and EXP_DECAY where a study does not say it.
inline constexpr double kUsualDelta = 0.0075;

// In (0, 1], how much of the usual caution a rule of this delta takes: 0.01 / delta, but at most 1.
double CareOf(double delta);

// A trial is a full one that came to this share of the horizon.
inline constexpr double kFullShare = 0.9;

// The full trials that there have to be before the first lesson: 20, by the root of `care` fewer, but 10.
int64_t WarmUp(double care);

// The same of the rule in these settings, or of the one that PATIENT asks; 0: it predicts nothing.
int64_t FullTrialsToLearn(const EarlyStoppingSettings& settings);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_WARM_UP_H_
