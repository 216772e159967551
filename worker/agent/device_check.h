// Whether networks can be trained on a device.
#ifndef PHOTINUS_WORKER_AGENT_DEVICE_CHECK_H_
#define PHOTINUS_WORKER_AGENT_DEVICE_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "worker/agent/devices.h"
#include "worker/agent/process_guard.h"

namespace photinus {

// Runs `photinus-trial check` on the device (docs/trial-protocol.md), for two minutes at most. FailedPrecondition, with
// what it said and what to do, unless it finds the device usable.
absl::Status CheckDevice(const std::string& trial_program, const Device& device, const ProcessGuard& guard);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_DEVICE_CHECK_H_
