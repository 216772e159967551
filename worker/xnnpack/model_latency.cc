#include "worker/xnnpack/model_latency.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "worker/xnnpack/fastest_runner.h"

namespace photinus::xnnpack {

Result<ModelLatency> MeasureModelLatency(const graph::QuantizedModel& model, const energy::LatencyOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<tflite::Runner> runner, NewFastestRunner(model, /*batch=*/1));
  const graph::Tensor& input = model.graph.tensors[model.graph.input];
  const std::vector<std::int8_t> example(static_cast<std::size_t>(graph::ElementCount(input.dims)), 0);
  const auto infer = [&]() -> Result<void> {
    PHOTINUS_RETURN_IF_ERROR(runner->Run(example));
    return {};
  };
  PHOTINUS_ASSIGN_OR_RETURN(energy::Latency latency, energy::MeasureLatency(infer, options));
  return ModelLatency{std::move(latency), runner->Name()};
}

nlohmann::ordered_json ToJson(const ModelLatency& measured) {
  const energy::Latency& latency = measured.latency;
  return {{"median_ms", latency.median_ms}, {"p10_ms", latency.p10_ms}, {"p90_ms", latency.p90_ms},
          {"min_ms", latency.min_ms},       {"runs", latency.runs},     {"runner", measured.runner},
          {"processor", latency.processor}, {"core", latency.core},     {"load", latency.load}};
}

}  // namespace photinus::xnnpack
