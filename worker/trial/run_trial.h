#ifndef PHOTINUS_WORKER_TRIAL_RUN_TRIAL_H_
#define PHOTINUS_WORKER_TRIAL_RUN_TRIAL_H_

#include <functional>

#include "worker/base/result.h"
#include "worker/trial/reporter.h"
#include "worker/trial/request.h"

namespace photinus::trial {

// Runs one trial: builds the network, reports its static metrics as step 0, trains it and reports each evaluation,
// writes model.tflite, profile.json and curves.json into the work folder, reports them and the final metrics. Reports
// the trial as infeasible, and succeeds, when the network cannot be built, diverges or is too large for the memory.
// stop: asked now and then; once true, training ends early and the rest follows at once.
// InvalidArgument: the request names no such space or task, or the data was damaged. NotFound, Unavailable: the
// environment (no espeak-ng, no device, disk full).
Result<void> RunTrial(const Request& request, const std::function<bool()>& stop, Reporter& reporter);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_RUN_TRIAL_H_
