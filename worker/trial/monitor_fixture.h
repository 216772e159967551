// A power monitor for tests.
#ifndef PHOTINUS_WORKER_TRIAL_MONITOR_FIXTURE_H_
#define PHOTINUS_WORKER_TRIAL_MONITOR_FIXTURE_H_

#include "worker/energy/meters.h"

namespace photinus::trial {

// Counts 2 J in each run, which is one call of the subject's inference.
inline const energy::MeterOptions kTwoJoules = {
    .name = "monitor",
    .monitor = {"/bin/sh", "-c",
                "trap 'echo \"{\\\"joules\\\": 3}\"; exit 0' INT; echo '{\"joules\": 1}'; "
                "while :; do sleep 0.01; done"},
    .run = {.warmup_seconds = 0, .seconds = 0}};

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_MONITOR_FIXTURE_H_
