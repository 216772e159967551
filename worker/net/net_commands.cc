#include "worker/net/net_commands.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "worker/base/seed_option.h"
#include "worker/base/subprocess.h"
#include "worker/graph/baselines.h"
#include "worker/net/energy_commands.h"
#include "worker/net/export_command.h"
#include "worker/net/finish.h"
#include "worker/net/profile_command.h"
#include "worker/net/run_command.h"
#include "worker/net/sample_command.h"
#include "worker/net/statistics_command.h"

namespace photinus::net {
namespace {

std::string NetworkHelp() {
  std::string baselines;
  for (const std::string& name : graph::BaselineNames()) baselines += (baselines.empty() ? "" : ", ") + name;
  return "File with an architecture in JSON, or a baseline: " + baselines;
}

void AddSample(CLI::App& net) {
  struct Options {
    std::string space, out;
    std::uint64_t seed = 1;
  };
  // Shared by the parser's options and the callback, which both live as long as the app.
  const auto options = std::make_shared<Options>();
  CLI::App* verb = net.add_subcommand("sample", "Draw an architecture of a named space");
  verb->add_option("space", options->space, "Name of the space, such as keywords-small")->required();
  AddSeed(*verb, options->seed, "Equal seeds draw equal architectures");
  verb->add_option("-o,--out", options->out, "File for the architecture in JSON (default: standard output)");
  verb->footer("Example: photinus-worker net sample keywords-small --seed 7 -o net.json");
  verb->callback([options] { Finish(RunSample(options->space, options->seed, options->out, std::cout)); });
}

void AddProfile(CLI::App& net) {
  struct Options {
    std::string net, format = "text";
    bool latency = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = net.add_subcommand("profile", "Count parameters, FLOPs, MACs and the bytes of the .tflite");
  verb->add_option("net", options->net, NetworkHelp())->required();
  verb->add_option("-o,--output", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->add_flag("--latency", options->latency,
                 "Also measure an inference of it, untrained, on one core of this machine");
  verb->footer("Example: photinus-worker net profile net.json -o json");
  verb->callback(
      [options] { Finish(RunProfile(options->net, options->latency, options->format == "json", std::cout)); });
}

void AddStatistics(CLI::App& net) {
  struct Options {
    StatisticsOptions statistics;
    std::string format = "text";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = net.add_subcommand("statistics", "Sizes and costs of random networks of a named space");
  verb->add_option("space", options->statistics.space, "Name of the space, such as energy-audio-2d")->required();
  verb->add_option("--networks", options->statistics.networks, "How many to draw")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  AddSeed(*verb, options->statistics.seed, "Of the first network; the others' follow");
  verb->add_option("--max-kb", options->statistics.max_kilobytes, "Count the files of at most so many kB (1000 B)")
      ->capture_default_str();
  verb->add_option("-o,--output", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->footer("Example: photinus-worker net statistics energy-audio-2d --networks 3000");
  verb->callback([options] {
    options->statistics.as_json = options->format == "json";
    Finish(RunStatistics(options->statistics, std::cout));
  });
}

void AddExport(CLI::App& net) {
  struct Options {
    std::string net, out;
    std::uint64_t seed = 1;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = net.add_subcommand("export", "Write the .tflite of an untrained network");
  verb->add_option("net", options->net, NetworkHelp())->required();
  AddSeed(*verb, options->seed, "Decides the weights");
  verb->add_option("-o,--out", options->out, "The .tflite to write")->required();
  verb->footer("Example: photinus-worker net export net.json --seed 7 -o net.tflite");
  verb->callback([options] {
    Finish(RunExport(options->net, options->seed, options->out, ProgramBesideThisOne("photinus-trial").string()));
  });
}

void AddRun(CLI::App& net) {
  struct Options {
    std::string net, input, output, runner = "interpreter", rounding = "xnn";
    int threads = 1;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = net.add_subcommand("run", "Run a .tflite on int8 examples, as a TFLite runtime would");
  verb->add_option("net", options->net, "The .tflite to run")->required();
  verb->add_option("--input", options->input, "int8 .npy, [examples, height, width, channels]")->required();
  verb->add_option("--output", options->output, "int8 .npy to write, [examples, classes]")->required();
  verb->add_option("--rounding", options->rounding, "xnn: as default runtimes; builtin: as their own kernels")
      ->check(CLI::IsMember({"xnn", "builtin"}))
      ->capture_default_str();
  verb->add_option("--runner", options->runner, "interpreter: ours; xnnpack: equal to it with --rounding xnn, faster")
      ->check(CLI::IsMember({"interpreter", "xnnpack"}))
      ->capture_default_str();
  verb->add_option("--threads", options->threads, "Of xnnpack")->check(CLI::Range(1, 1024))->capture_default_str();
  verb->footer("Example: photinus-worker net run net.tflite --input in.npy --output out.npy");
  verb->callback([options] {
    const RunOptions run = {
        .xnnpack = options->runner == "xnnpack",
        .threads = options->threads,
        .rounding = options->rounding == "xnn" ? tflite::Rounding::kXnn : tflite::Rounding::kBuiltin};
    Finish(RunNetwork(options->net, options->input, options->output, run));
  });
}

}  // namespace

void AddNetCommands(CLI::App& app) {
  CLI::App* net = app.add_subcommand("net", "Networks by hand: sample, profile, statistics, export, run");
  net->require_subcommand(1);
  AddSample(*net);
  AddProfile(*net);
  AddStatistics(*net);
  AddExport(*net);
  AddRun(*net);
  AddEnergyCommands(app);
}

}  // namespace photinus::net
