// `./run bench int8`: examples per second of CPU of both runners, one thread, on random networks of the energy spaces.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "worker/graph/architectures.h"
#include "worker/tflite/random_model.h"
#include "worker/xnnpack/xnnpack_runner.h"

namespace photinus {
namespace {

using RunnerResult = Result<std::unique_ptr<tflite::Runner>>;

constexpr int kNetworks = 5;
constexpr int kExamples = 64;

graph::QuantizedModel SampledModel(const char* space_name, int seed) {
  const spaces::Space& space = *spaces::FindSpace(space_name);
  const graph::Architecture architecture = graph::ArchitectureOf(space.name, spaces::Sample(space, seed)).value();
  return tflite::RandomModel(graph::BuildGraph(architecture).value(), seed);
}

// Of this thread, which other work on the machine does not lengthen.
double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double Seconds(const RunnerResult& runner, const std::vector<std::int8_t>& inputs) {
  if (!runner.ok()) std::abort();
  const double start = CpuSeconds();
  if (!(*runner)->Run(inputs).ok()) std::abort();
  return CpuSeconds() - start;
}

// One line per space and runner: the mean over the networks.
void Measure(const char* space, const char* name, RunnerResult (*make)(graph::QuantizedModel), std::FILE* file) {
  double seconds = 0;
  for (int seed = 0; seed < kNetworks; ++seed) {
    const graph::QuantizedModel model = SampledModel(space, seed);
    const std::int64_t size = graph::ElementCount(model.graph.tensors[model.graph.input].dims);
    seconds += Seconds(make(model), tflite::RandomInput(kExamples * size, seed));
  }
  const double rate = kNetworks * kExamples / seconds;
  std::printf("%-16s %-18s %8.0f examples/s\n", space, name, rate);
  std::fflush(stdout);
  if (file == nullptr) return;
  std::fprintf(file, "{\"space\": \"%s\", \"runner\": \"%s\", \"examples_per_second\": %.0f}\n", space, name, rate);
}

template <int batch>
RunnerResult Xnnpack(graph::QuantizedModel model) {
  return xnnpack::NewXnnpackRunner(std::move(model), {.batch = batch});
}

RunnerResult Interpreter(graph::QuantizedModel model) {
  return tflite::NewInterpreterRunner(std::move(model), tflite::Rounding::kXnn);
}

int Main(int argc, char** argv) {
  std::FILE* file = argc > 2 && std::string_view(argv[1]) == "--output" ? std::fopen(argv[2], "w") : nullptr;
  for (const char* space : {"energy-audio-49", "energy-audio-2d", "energy-audio-1d"}) {
    Measure(space, "interpreter", &Interpreter, file);
    Measure(space, "xnnpack", &Xnnpack<1>, file);
    Measure(space, "xnnpack, batch 4", &Xnnpack<4>, file);
    Measure(space, "xnnpack, batch 16", &Xnnpack<16>, file);
  }
  return file != nullptr && std::fclose(file) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::Main(argc, argv); }
