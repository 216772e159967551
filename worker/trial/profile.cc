#include "worker/trial/profile.h"

#include <nlohmann/json.hpp>

#include "worker/graph/architecture_json.h"
#include "worker/graph/counters.h"
#include "worker/graph/layers_json.h"

namespace photinus::trial {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string ProfileJson(const Profile& profile) {
  const Json json = {
      {"trial", profile.request.trial},
      {"attempt", profile.request.attempt},
      {"task", profile.request.task},
      {"features", data::FeatureKindName(profile.request.features)},
      {"synthetic_data", profile.synthetic_data},
      {"params", graph::Params(profile.graph)},
      {"flops", graph::Flops(profile.graph)},
      {"macs", graph::Macs(profile.graph)},
      {"size_bytes", profile.size_bytes},
      {"accuracy", profile.trained.simulated_accuracy},
      {"float_accuracy", profile.trained.float_accuracy},
      {"int8_accuracy", profile.int8_accuracy},
      {"int8_agreement", profile.int8_agreement},
      {"int8_test_accuracy", profile.int8_test_accuracy},
      {"validation_clips", profile.validation_clips},
      {"test_clips", profile.test_clips},
      {"stopped_early", profile.trained.stopped},
      {"epochs", profile.request.epochs},
      {"evaluations", profile.request.evaluations},
      {"learning_rate", profile.learning_rate},
      {"batch_size", profile.batch_size},
      {"seed", profile.request.seed},
      {"device", profile.request.device},
      {"threads", profile.request.threads},
      {"resumed_at_epoch", profile.trained.resumed_at},
      {"seconds",
       {{"data", profile.data_seconds},
        {"train", profile.trained.seconds},
        {"wait_for_batches", profile.trained.wait_seconds},
        {"evaluate", profile.evaluation_seconds},
        {"total", profile.total_seconds}}},
      {"latency", profile.latency ? xnnpack::ToJson(*profile.latency) : Json()},
      {"energy", profile.energy ? ToJson(*profile.energy) : Json()},
      {"versions", {{"photinus", PHOTINUS_VERSION}, {"libtorch", train::TorchVersion()}}},
      {"architecture", Json::parse(graph::ToJson(profile.architecture))},
      {"layers", graph::LayersJson(profile.graph)},
  };
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string CurvesJson(const train::TrainedNetwork& trained) {
  Json curve = Json::array();
  for (const train::Evaluation& evaluation : trained.curve) {
    curve.push_back({{"step", evaluation.step},
                     {"epoch", evaluation.epoch},
                     {"elapsed", evaluation.elapsed},
                     {"accuracy", evaluation.accuracy},
                     {"train_loss", evaluation.train_loss},
                     {"fake_quantized", evaluation.fake_quantized}});
  }
  return Json{{"curve", curve}}.dump(2) + "\n";
}

}  // namespace photinus::trial
