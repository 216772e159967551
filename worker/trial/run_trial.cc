#include "worker/trial/run_trial.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/base/file.h"
#include "worker/data/data_set.h"
#include "worker/data/front_end.h"
#include "worker/data/task.h"
#include "worker/graph/architecture_json.h"
#include "worker/graph/architectures.h"
#include "worker/graph/counters.h"
#include "worker/predictor/energy_source.h"
#include "worker/tflite/writer.h"
#include "worker/train/device.h"
#include "worker/train/train.h"
#include "worker/trial/data_command.h"
#include "worker/trial/int8_accuracy.h"
#include "worker/trial/measured_energy.h"
#include "worker/trial/profile.h"
#include "worker/xnnpack/model_latency.h"

namespace photinus::trial {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kCheckpointFile[] = "training.checkpoint";

double Since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Plan {
  graph::Architecture architecture;
  graph::Graph graph;
  int64_t size_bytes = 0;
  std::optional<TrialEnergy> energy;  // nothing: the request names no source
};

// The network to train. Only one that the trial gives itself, for no certain input, is left as it is; others tell the
// task's classes apart.
Result<graph::Architecture> NetworkOf(const Request& request, const data::Task& task) {
  graph::Architecture architecture;
  if (request.architecture) {
    PHOTINUS_ASSIGN_OR_RETURN(architecture, graph::ParseArchitecture(*request.architecture));
    if (!request.input) return architecture;
    architecture.height = request.input->height;
    architecture.width = request.input->width;
  } else {
    PHOTINUS_ASSIGN_OR_RETURN(architecture, graph::ArchitectureOf(request.space, request.parameters));
  }
  architecture.classes = static_cast<int>(task.Classes().size());
  return architecture;
}

// InvalidArgument: the network cannot be built, which is the trial's result and no fault.
Result<Plan> MakePlan(graph::Architecture architecture) {
  PHOTINUS_ASSIGN_OR_RETURN(graph::Graph graph, graph::BuildGraph(architecture));
  PHOTINUS_ASSIGN_OR_RETURN(const int64_t size_bytes, tflite::TfliteFileSize(graph));
  return Plan{std::move(architecture), std::move(graph), size_bytes, std::nullopt};
}

// What the request's source predicts; no value for a network that it does not know, as of another space. A model that
// cannot be read is this machine's fault, whose operator named it: Unavailable.
Result<std::optional<TrialEnergy>> PredictedEnergy(const Request& request, const Plan& plan) {
  if (request.energy.empty()) return std::optional<TrialEnergy>();
  const Result<predictor::EnergySource> source = predictor::EnergySource::Open(request.energy);
  if (!source.ok()) return Unavailable("energy: " + source.error().message);
  TrialEnergy energy{.source = source->name(), .meter = source->meter(), .runner = source->runner()};
  const predictor::Network network = {
      .parameters = request.parameters, .flops = graph::Flops(plan.graph), .size_bytes = plan.size_bytes};
  const Result<predictor::EnergyEstimate> estimate =
      source->Estimate(plan.graph, request.architecture ? std::string() : request.space, network);
  if (estimate.ok()) {
    energy.predicted_mj = estimate->energy_mj;
    energy.predicted_latency_ms = estimate->latency_ms;
  } else {
    std::cerr << "photinus-trial: warning: no energy_mj: " << estimate.error().message << std::endl;
  }
  return std::optional(std::move(energy));
}

Metrics StaticMetrics(const Plan& plan) {
  Metrics metrics = {{"memory_kb", static_cast<double>(plan.size_bytes) / 1000},
                     {"params", static_cast<double>(graph::Params(plan.graph))},
                     {"flops", static_cast<double>(graph::Flops(plan.graph))}};
  if (plan.energy && plan.energy->predicted_mj) metrics.emplace_back("energy_mj", *plan.energy->predicted_mj);
  if (plan.energy && plan.energy->predicted_latency_ms) {
    metrics.emplace_back("latency_ms", *plan.energy->predicted_latency_ms);
  }
  return metrics;
}

// Less than an agent that stops a trial allows it.
constexpr double kLatencyPatience = 10;

// On this machine's processor; nothing, and a warning, where it cannot be measured.
std::optional<xnnpack::ModelLatency> MeasuredLatency(const graph::QuantizedModel& model) {
  Result<xnnpack::ModelLatency> measured = xnnpack::MeasureModelLatency(model, {.lock_seconds = kLatencyPatience});
  if (measured.ok()) return std::move(measured).value();
  std::cerr << "photinus-trial: warning: no cpu_latency_ms: " << measured.error().message << std::endl;
  return std::nullopt;
}

// By the meter of the request's source; nothing, and a warning, where it cannot measure here.
std::optional<double> MeasuredEnergy(const TrialEnergy& energy, const Request& request, const Plan& plan,
                                     const graph::QuantizedModel& model) {
  const energy::MeterOptions meter = {
      .name = energy.meter, .monitor = request.monitor, .run = {.lock_seconds = kLatencyPatience}};
  const Result<double> measured = MeasureEnergy(meter, energy.runner, plan.graph, model, request.seed);
  if (measured.ok()) return *measured;
  std::cerr << "photinus-trial: warning: no measured_energy_mj: " << measured.error().message << std::endl;
  return std::nullopt;
}

// Everything after training: writes the files, scores the .tflite by its own bytes, reports.
Result<void> Deliver(const Plan& plan, const data::DataSet& data, const train::TrainedNetwork& trained, Profile profile,
                     Clock::time_point start, Reporter& reporter) {
  const Clock::time_point evaluation_start = Clock::now();
  const std::filesystem::path folder = profile.request.work_dir;
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<uint8_t> tflite, tflite::WriteTflite(trained.model));
  PHOTINUS_RETURN_IF_ERROR(MakeFolder(folder));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / "model.tflite",
                                     std::string_view(reinterpret_cast<const char*>(tflite.data()), tflite.size())));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<int> predictions, PredictInt8(tflite, data, data::Split::kValidation));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<int> test, PredictInt8(tflite, data, data::Split::kTest));
  profile.size_bytes = static_cast<int64_t>(tflite.size());
  profile.int8_accuracy = Accuracy(predictions, data, data::Split::kValidation);
  profile.int8_agreement = Agreement(predictions, trained.predictions);
  profile.int8_test_accuracy = Accuracy(test, data, data::Split::kTest);
  profile.evaluation_seconds = Since(evaluation_start);
  if (!trained.stopped) profile.latency = MeasuredLatency(trained.model);
  profile.energy = plan.energy;
  if (profile.energy && !profile.request.role.empty() && !trained.stopped) {
    profile.energy->measured_mj = MeasuredEnergy(*profile.energy, profile.request, plan, trained.model);
  }
  profile.total_seconds = Since(start);
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / "profile.json", ProfileJson(profile)));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / "curves.json", CurvesJson(trained)));
  for (const char* name : {"model.tflite", "profile.json", "curves.json"}) reporter.Artifact(name, folder / name);
  Metrics metrics = {{"accuracy", trained.simulated_accuracy},
                     {"int8_accuracy", profile.int8_accuracy},
                     {"float_accuracy", trained.float_accuracy}};
  if (!profile.request.role.empty()) metrics.emplace_back("test_accuracy", profile.int8_test_accuracy);
  if (profile.energy && profile.energy->measured_mj) {
    metrics.emplace_back("measured_energy_mj", *profile.energy->measured_mj);
  }
  // Of other runners only profile.json tells: their times are not to be mixed with XNNPACK's.
  if (profile.latency && profile.latency->runner == "xnnpack")
    metrics.emplace_back("cpu_latency_ms", profile.latency->latency.median_ms);
  for (const auto& metric : StaticMetrics(plan)) metrics.push_back(metric);
  reporter.Final(metrics);
  return {};
}

}  // namespace

Result<void> RunTrial(const Request& request, const std::function<bool()>& stop, Reporter& reporter) {
  const Clock::time_point start = Clock::now();
  PHOTINUS_ASSIGN_OR_RETURN(const data::Task task, data::FindTask(request.task));
  PHOTINUS_ASSIGN_OR_RETURN(const double learning_rate, request.LearningRate(task.learning_rate));
  Result<graph::Architecture> architecture = NetworkOf(request, task);
  if (!architecture.ok()) return InvalidArgument("request: " + architecture.error().message);
  Result<Plan> plan = MakePlan(std::move(architecture).value());
  if (!plan.ok()) {
    reporter.Infeasible(plan.error().message);
    return {};
  }
  PHOTINUS_ASSIGN_OR_RETURN(plan->energy, PredictedEnergy(request, *plan));
  reporter.Measurement(0, std::nullopt, StaticMetrics(*plan));
  PHOTINUS_RETURN_IF_ERROR(train::CheckDevice(request.device));
  const DataRequest wanted = {request.data_dir,          request.task,     request.folder,
                              plan->architecture.height, request.features, request.threads};
  if (const auto front_end = data::FindFrontEnd(wanted.features, task.ClipSamples(), wanted.frames); !front_end.ok()) {
    reporter.Infeasible(front_end.error().message);
    return {};
  }
  Result<data::DataSet> opened = OpenData(wanted, false, stop);
  // Nothing that the network could help: another machine may have good clips.
  if (!opened.ok() && opened.error().code == ErrorCode::kInvalidArgument) return Unavailable(opened.error().message);
  PHOTINUS_ASSIGN_OR_RETURN(const data::DataSet data, std::move(opened));
  const double data_seconds = Since(start);

  train::TrainOptions options;
  options.epochs = request.epochs;
  options.evaluations = request.evaluations;
  options.learning_rate = learning_rate;
  options.batch_size = task.batch_size;
  options.augmentation = request.augmentation;
  options.seed = request.seed;
  options.device = request.device;
  options.threads = request.threads;
  if (!request.checkpoint_dir.empty()) options.checkpoint.path = request.checkpoint_dir / kCheckpointFile;
  options.checkpoint.identity = request.trial;
  options.checkpoint.warn = [](const std::string& fault) {
    std::cerr << "photinus-trial: warning: " << fault << std::endl;
  };
  const auto report = [&reporter](const train::Evaluation& evaluation) {
    reporter.Measurement(evaluation.step, evaluation.elapsed, {{"accuracy", evaluation.accuracy}});
  };
  const Result<train::TrainedNetwork> trained = train::Train(plan->graph, data, options, report, stop);
  if (!trained.ok() && trained.error().code == ErrorCode::kInvalidArgument) {
    reporter.Infeasible(trained.error().message);
    return {};
  }
  if (!trained.ok()) return trained.error();
  Profile profile{request, plan->architecture, plan->graph, *trained};
  profile.learning_rate = learning_rate;
  profile.batch_size = options.batch_size;
  profile.synthetic_data = task.Generated();
  profile.validation_clips = data.Size(data::Split::kValidation);
  profile.test_clips = data.Size(data::Split::kTest);
  profile.data_seconds = data_seconds;
  return Deliver(*plan, data, *trained, profile, start, reporter);
}

}  // namespace photinus::trial
