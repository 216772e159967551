#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

#include "worker/base/seed_option.h"
#include "worker/base/stop_signal.h"
#include "worker/train/device.h"
#include "worker/train/heap.h"
#include "worker/train/train.h"
#include "worker/trial/data_command.h"
#include "worker/trial/energy_command.h"
#include "worker/trial/export_command.h"
#include "worker/trial/reporter.h"
#include "worker/trial/request.h"
#include "worker/trial/run_trial.h"

namespace photinus::trial {
namespace {

// Exit statuses besides 0; docs/trial-protocol.md says what the agent makes of them.
constexpr int kFailed = 1;
constexpr int kBadRequest = 2;
constexpr int kThisMachine = 75;  // EX_TEMPFAIL: another machine, or this one later, may do better

int ExitStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return kBadRequest;
    case ErrorCode::kNotFound:  // a program or a file that should be installed
    case ErrorCode::kUnavailable:
      return kThisMachine;
    case ErrorCode::kInternal:
      return kFailed;
  }
  return kFailed;
}

int Fail(const Error& error) {
  std::cerr << "photinus-trial: " << error.message << std::endl;
  return ExitStatus(error.code);
}

int RunRequest() {
  std::string line;
  std::getline(std::cin, line);
  const Result<Request> request = ParseRequest(line);
  if (!request.ok()) return Fail(request.error());
  train::KeepFreedMemory();
  Reporter reporter(std::cout);
  const Result<void> result = RunTrial(*request, &StopRequested, reporter);
  return result.ok() ? 0 : Fail(result.error());
}

int Main(int argc, char** argv) {
  CLI::App app{
      "Trains one network of a Photinus study: reads a request, one line of JSON, from stdin and writes JSON lines\n"
      "(measurements, artifacts, the final metrics) to stdout. photinus-worker runs it; the verbs below are for hand."};
  app.set_version_flag("--version",
                       std::string("photinus-trial ") + PHOTINUS_VERSION + " (libtorch " + train::TorchVersion() + ")");
  app.require_subcommand(0, 1);

  DataRequest wanted;
  CLI::App* data = app.add_subcommand("data", "Make, or check, a task's data set ahead of time");
  data->add_option("--data-dir", wanted.data_dir, "Folder for data sets; made if missing")->required();
  data->add_option("--task", wanted.task,
                   "keywords (some 11,000 clips, 350 MB), events, a few of each: smoke, events-smoke, or your own "
                   "clips: speech-commands, audioset")
      ->capture_default_str();
  data->add_option("--folder", wanted.folder, "The clips of the tasks speech-commands and audioset");
  data->add_option("--frames", wanted.frames, "Frames of the networks' input: 49, 98 or 196")->capture_default_str();
  std::string features(data::FeatureKindName(wanted.features));
  data->add_option("--features", features, "log-mel or mfcc")->capture_default_str();
  data->footer("Example: photinus-trial data --data-dir /var/lib/photinus/data");

  std::string net, out;
  uint64_t seed = 1;
  CLI::App* exporter = app.add_subcommand("export", "Write the .tflite of an untrained network");
  exporter
      ->add_option("--net", net,
                   "File with an architecture in JSON, as `photinus-worker net sample` writes it, or a baseline's name")
      ->required();
  AddSeed(*exporter, seed, "Decides the weights");
  exporter->add_option("--out", out, "File to write")->required();
  exporter->footer("Example: photinus-trial export --net net.json --seed 7 --out net.tflite");

  std::string device;
  CLI::App* check = app.add_subcommand("check", "Say whether a device of this machine can train: exit status 0 or 75");
  check->add_option("--device", device, "cpu or cuda:N")->required();
  check->footer("Example: photinus-trial check --device cuda:0");

  EnergyCommand measured;
  CLI::App* energy = app.add_subcommand("energy", "Measure what inferences in floats take on a GPU");
  energy->add_option("--net", measured.net, "As of export")->required();
  energy->add_option("--device", measured.device, "cpu or cuda:N")->capture_default_str();
  energy->add_option("--meter", measured.meter.name, "nvml, nvml:N (as nvidia-smi lists GPUs) or monitor")
      ->capture_default_str();
  energy->add_option("--batch", measured.batch, "Examples at once")->capture_default_str();
  energy->add_option("--repeats", measured.repeats, "Measurements")->capture_default_str();
  energy->add_option("--seconds", measured.meter.run.seconds, "Of inferences per measurement")->capture_default_str();
  energy->add_option("program", measured.meter.monitor, "After `--`, of --meter monitor: program and arguments of it");
  energy->footer("Example: photinus-trial energy --net mobilenet_v1 --device cuda:0 --meter nvml --batch 64");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadRequest;
  }
  CatchStopSignals();
  Result<void> result;
  if (data->parsed()) {
    const Result<data::FeatureKind> kind = data::FindFeatureKind(features);
    if (!kind.ok()) return Fail(kind.error());
    wanted.features = *kind;
    result = RunDataCommand(wanted, &StopRequested);
  } else if (check->parsed()) {
    result = train::CheckDevice(device);
  } else if (exporter->parsed()) {
    result = RunExportCommand(net, seed, out);
  } else if (energy->parsed()) {
    result = RunEnergyCommand(measured, &StopRequested, std::cout);
  } else {
    return RunRequest();
  }
  return result.ok() ? 0 : Fail(result.error());
}

}  // namespace
}  // namespace photinus::trial

int main(int argc, char** argv) {
  try {
    return photinus::trial::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "photinus-trial: " << error.what() << std::endl;
    return 1;
  }
}
