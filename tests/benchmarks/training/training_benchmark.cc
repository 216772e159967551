// `./run bench training`: our training loop beside a bare one of libtorch on the same network, in interleaved pairs.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "tests/benchmarks/guarded_main.h"
#include "tests/benchmarks/training/bare_loop.h"
#include "worker/base/quantile.h"
#include "worker/data/data_set.h"
#include "worker/data/random.h"
#include "worker/graph/architecture_json.h"
#include "worker/graph/architectures.h"
#include "worker/train/train.h"

namespace photinus {
namespace {

constexpr char kTask[] = "events-smoke";  // whose classes the clips have
constexpr int kBatchSize = 32;
constexpr int kWarmUp = 3;  // batches of each phase that do not count

struct Options {
  std::string space = "energy-audio-49";
  uint64_t seed = 1;
  std::string device = "cpu";
  int threads = 2;  // of ours; bare loops compute with as many as ours computes with
  int pairs = 20;
  int batches = 60;  // of floats; half as many with fake quantization
  double check = 0;  // the bar, if not 0
  std::string output;
};

template <typename T>
T Need(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

// Clips of noise: what they are makes no difference to the time.
data::DataSet NoiseClips(const graph::Architecture& architecture) {
  data::Random random(1);
  data::Features features;
  features.key = std::string(64, '0');
  features.frames = static_cast<uint32_t>(architecture.height);
  features.bins = static_cast<uint32_t>(architecture.width);
  features.counts = {640, 32, 32};
  features.means.assign(features.bins, 0.0f);
  features.deviations.assign(features.bins, 1.0f);
  for (int i = 0; i < 704; ++i) features.labels.push_back(i % architecture.classes);
  features.values.resize(704 * static_cast<size_t>(architecture.height * architecture.width));
  for (float& value : features.values) value = static_cast<float>(random.Normal());
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("photinus_training_benchmark." + std::to_string(::getpid()));
  const Result<void> written = data::WriteFeatureFile(path, features);
  if (!written.ok()) throw std::runtime_error(written.error().message);
  data::DataSet clips = Need(data::DataSet::FromFile(path, features.key, Need(data::FindTask(kTask))));
  std::filesystem::remove(path);  // the mapping keeps its content
  return clips;
}

// Of a batch.
struct Times {
  Moment plain;           // in the first two thirds of a training
  Moment fake_quantized;  // in the last third
};

// The whole of worker/train, data loading and augmentation included, timed by the moments at which it asks whether to
// stop, which is before each batch. Evaluation comes after the last one.
Times OurTimes(const graph::Graph& graph, const data::DataSet& clips, const Options& options) {
  std::vector<Moment> moments;
  const auto stop = [&moments] {
    moments.push_back(Moment::Now());
    return false;
  };
  const int64_t total = options.batches * 3 / 2, plain = options.batches;
  train::TrainOptions training;
  training.epochs = static_cast<double>(total * kBatchSize) / static_cast<double>(clips.Size(data::Split::kTrain));
  training.evaluations = 1;
  training.batch_size = kBatchSize;
  training.device = options.device;
  training.threads = options.threads;
  const Result<train::TrainedNetwork> trained = train::Train(graph, clips, training, nullptr, stop);
  if (!trained.ok()) throw std::runtime_error(trained.error().message);
  const auto between = [&](int64_t first, int64_t last) {
    const Moment length = moments.at(static_cast<size_t>(last)) - moments.at(static_cast<size_t>(first));
    return length / static_cast<double>(last - first);
  };
  return {between(kWarmUp, plain - 1), between(plain + kWarmUp, total - 1)};
}

Times BareTimes(BareLoop& bare, const Options& options) {
  Times times;
  bare.Train(kWarmUp, false);
  const int64_t plain = options.batches - 1 - kWarmUp;
  times.plain = bare.Train(plain, false) / static_cast<double>(plain);
  bare.Train(kWarmUp, true);
  const int64_t rest = options.batches / 2 - 1 - kWarmUp;
  times.fake_quantized = bare.Train(rest, true) / static_cast<double>(rest);
  return times;
}

BareLoop MakeBareLoop(const graph::Graph& graph, const data::DataSet& clips, const Options& options) {
  const auto count = static_cast<int64_t>(clips.Size(data::Split::kTrain));
  torch::Tensor inputs = torch::empty({count, 1, clips.frames(), clips.bins()});
  torch::Tensor labels = torch::empty({count}, torch::kInt64);
  for (int64_t i = 0; i < count; ++i) {
    const auto clip = clips.Clip(data::Split::kTrain, static_cast<size_t>(i));
    std::copy(clip.begin(), clip.end(), inputs.data_ptr<float>() + i * static_cast<int64_t>(clip.size()));
    labels.data_ptr<int64_t>()[i] = clips.Label(data::Split::kTrain, static_cast<size_t>(i));
  }
  const torch::Device device(options.device);
  return BareLoop(graph, inputs.to(device), labels.to(device), kBatchSize, device);
}

// The times of one phase in all pairs, by one clock.
struct Series {
  std::string name;
  std::vector<double> ours, bare;

  void Add(double our, double their) {
    ours.push_back(our);
    bare.push_back(their);
  }
  std::vector<double> Ratios() const {
    std::vector<double> ratios;
    for (size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / bare[i]);
    return ratios;
  }
  void Print() const {
    const std::vector<double> ratios = Ratios();
    std::printf("| %s | %.2f | %.2f | %.3f | %.3f to %.3f |\n", name.c_str(), 1e3 * Quantile(ours, 0.5),
                1e3 * Quantile(bare, 0.5), Quantile(ratios, 0.5), Quantile(ratios, 0.1), Quantile(ratios, 0.9));
  }
};

// A training is two thirds floats, one third fake quantization.
double Whole(double plain, double fake_quantized) { return (2 * plain + fake_quantized) / 3; }

// Exit status: 1 where a whole training took longer than the bar allows, by the wall clock.
int Judge(const Series& whole, double bar) {
  const double ratio = Quantile(whole.Ratios(), 0.5);
  if (bar == 0 || ratio <= bar) return 0;
  std::fprintf(stderr, "%s: the median ratio %.3f is above %g\n", whole.name.c_str(), ratio, bar);
  return 1;
}

// Pairs take turns in who begins, so that what else the machine does falls on both alike.
int Measure(const Options& options) {
  const spaces::Space* space = spaces::FindSpace(options.space);
  if (space == nullptr) throw std::runtime_error("no space " + options.space);
  graph::Architecture architecture = Need(graph::ArchitectureOf(options.space, spaces::Sample(*space, options.seed)));
  architecture.classes = static_cast<int>(Need(data::FindTask(kTask)).Classes().size());
  const graph::Graph graph = Need(graph::BuildGraph(architecture));
  const data::DataSet clips = NoiseClips(architecture);
  BareLoop bare = MakeBareLoop(graph, clips, options);
  OurTimes(graph, clips, options);  // the first is slower; and it sets the number of threads that compute
  std::ofstream output(options.output, std::ios::app);
  std::vector<Series> series = {{"floats, wall", {}, {}},           {"fake quantization, wall", {}, {}},
                                {"a whole training, wall", {}, {}}, {"floats, CPU", {}, {}},
                                {"fake quantization, CPU", {}, {}}, {"a whole training, CPU", {}, {}}};
  for (int pair = 0; pair < options.pairs; ++pair) {
    Times our, their;
    if (pair % 2 == 0) our = OurTimes(graph, clips, options);
    their = BareTimes(bare, options);
    if (pair % 2 == 1) our = OurTimes(graph, clips, options);
    series[0].Add(our.plain.wall, their.plain.wall);
    series[1].Add(our.fake_quantized.wall, their.fake_quantized.wall);
    series[2].Add(Whole(our.plain.wall, our.fake_quantized.wall), Whole(their.plain.wall, their.fake_quantized.wall));
    series[3].Add(our.plain.cpu, their.plain.cpu);
    series[4].Add(our.fake_quantized.cpu, their.fake_quantized.cpu);
    series[5].Add(Whole(our.plain.cpu, our.fake_quantized.cpu), Whole(their.plain.cpu, their.fake_quantized.cpu));
    nlohmann::ordered_json line = {{"space", options.space},
                                   {"seed", options.seed},
                                   {"device", options.device},
                                   {"threads", options.threads},
                                   {"pair", pair}};
    for (const Series& each : series) line[each.name] = {{"ours", each.ours.back()}, {"bare", each.bare.back()}};
    output << line.dump() << std::endl;
  }
  std::printf("%s, network %llu, %s, %d threads, %d pairs; ms per batch of %d\n\n", options.space.c_str(),
              static_cast<unsigned long long>(options.seed), options.device.c_str(), options.threads, options.pairs,
              kBatchSize);
  std::printf("| phase, clock | ours | bare | median ratio | 10 %% to 90 %% |\n|---|---|---|---|---|\n");
  for (const Series& each : series) each.Print();
  return Judge(series[2], options.check);
}

int Main(int argc, char** argv) {
  CLI::App app("Our training loop beside a bare one of libtorch on the same network.");
  Options options;
  app.add_option("--space", options.space, "The space that the network is drawn from")->capture_default_str();
  app.add_option("--seed", options.seed, "Which network")->capture_default_str();
  app.add_option("--device", options.device, "cpu or cuda:N")->capture_default_str();
  app.add_option("--threads", options.threads, "Threads of ours, as for the worker; see TrainOptions")
      ->capture_default_str();
  app.add_option("--pairs", options.pairs, "How many")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--batches", options.batches, "Of floats in each; half as many more are fake-quantized")
      ->capture_default_str()
      ->check(CLI::Range(10, 1000000));
  app.add_option("--check", options.check,
                 "Exit status 1 if a whole training takes more than so many times the bare loop's, by the wall clock")
      ->check(CLI::PositiveNumber);
  app.add_option("--output", options.output, "File for JSON lines, a pair each");
  CLI11_PARSE(app, argc, argv);
  return Measure(options);
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::GuardedMain(&photinus::Main, argc, argv); }
