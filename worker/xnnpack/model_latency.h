#ifndef PHOTINUS_WORKER_XNNPACK_MODEL_LATENCY_H_
#define PHOTINUS_WORKER_XNNPACK_MODEL_LATENCY_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "worker/base/result.h"
#include "worker/energy/latency.h"
#include "worker/graph/quantized_model.h"

namespace photinus::xnnpack {

// What one inference of a network takes on this machine.
struct ModelLatency {
  energy::Latency latency;
  std::string runner;  // what it ran on: "xnnpack" or "interpreter"
};

// Measures it by Inference. Errors: those of Inference::Of and energy::MeasureLatency.
Result<ModelLatency> MeasureModelLatency(const graph::QuantizedModel& model, const energy::LatencyOptions& options);

// {"median_ms", "p10_ms", "p90_ms", "min_ms", "runs", "runner", "processor", "core", "load"}.
nlohmann::ordered_json ToJson(const ModelLatency& measured);

}  // namespace photinus::xnnpack

#endif  // PHOTINUS_WORKER_XNNPACK_MODEL_LATENCY_H_
