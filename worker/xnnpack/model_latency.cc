#include "worker/xnnpack/model_latency.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "worker/xnnpack/inference.h"

namespace photinus::xnnpack {

Result<ModelLatency> MeasureModelLatency(const graph::QuantizedModel& model, const energy::LatencyOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(Inference inference, Inference::Of(model));
  PHOTINUS_ASSIGN_OR_RETURN(energy::Latency latency,
                            energy::MeasureLatency([&inference] { return inference.Run(); }, options));
  return ModelLatency{std::move(latency), inference.runner()};
}

nlohmann::ordered_json ToJson(const ModelLatency& measured) {
  const energy::Latency& latency = measured.latency;
  return {{"median_ms", latency.median_ms}, {"p10_ms", latency.p10_ms}, {"p90_ms", latency.p90_ms},
          {"min_ms", latency.min_ms},       {"runs", latency.runs},     {"runner", measured.runner},
          {"processor", latency.processor}, {"core", latency.core},     {"load", latency.load}};
}

}  // namespace photinus::xnnpack
