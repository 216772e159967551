// How many suggestions per second of CPU a swarm of fireflies makes, each of whose trials it learns before the next.
//   swarm: the swarm stays in memory
//   state: as the server asks, which keeps the swarm in memory but stores HYPER_FIREFLY's bytes after each suggestion
//   bytes: the same from the bytes alone, as after a restart
//   batch: the same, 100 suggestions at a time
//   late:  as `state`, of a study that never repeats a point and has 100,000 finished trials already
#include <time.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/firefly_search.h"

namespace photinus {
namespace {

constexpr int kTrials = 20'000;
constexpr int kEarlierTrials = 100'000;

// 22 parameters, 41 flies: the search space of the paper that describes Hyper-Firefly, 10 types and 12 widths.
SearchSpace PaperSpace() {
  pb::StudySpec spec;
  for (int i = 0; i < 22; ++i) {
    auto& parameter = *spec.add_parameters();
    parameter.set_parameter_id(absl::StrCat("p", i));
    if (i < 10) {
      for (const char* type : {"conv", "depthwise", "pool", "skip"}) {
        parameter.mutable_categorical_value_spec()->add_values(type);
      }
    } else {
      for (int width = 1; width <= 16; ++width) parameter.mutable_discrete_value_spec()->add_values(8 * width);
    }
  }
  return *SearchSpace::FromSpec(spec);
}

double Reward(const Flatten& flatten, const Point& point) {
  const std::optional<UnitPoint> unit = flatten.ToUnit(point);
  double sum = 0;
  for (const double u : *unit) sum -= (u - 0.4) * (u - 0.4);
  return sum;
}

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A study whose trials are finished as soon as they are suggested.
struct Loop {
  const SearchSpace space = PaperSpace();
  const Flatten flatten{space};
  const std::vector<Objective> objectives = {{.metric = "reward", .maximize = true}};
  std::vector<EvaluatedPoint> completed;
  const std::vector<PendingPoint> pending;
  bool noisy = true;
  int64_t next_id = 1;
  double seconds = 0;  // of the algorithm
  std::unique_ptr<AlgorithmCache> cache;

  SuggestRequest Request(int count, std::string_view state, const EncodedTrials* trials = nullptr) {
    return {.space = space,
            .objectives = objectives,
            .completed = completed,
            .pending = pending,
            .noisy = noisy,
            .count = count,
            .seed = 1,
            .first_trial_id = next_id,
            .state = state,
            .trials = trials,
            .cache = &cache};
  }
  void Complete(const Suggestion& suggestion) {
    const double objective = Reward(flatten, suggestion.point);
    completed.push_back({.trial_id = next_id++, .point = suggestion.point, .objectives = {objective}});
  }
};

double SwarmSeconds() {
  Loop loop;
  firefly::Swarm swarm(loop.flatten, firefly::Species::kHyper, true, 1, {});
  for (int i = 0; i < kTrials; ++i) {
    const double start = CpuSeconds();
    swarm.Learn(loop.Request(1, {}));
    const auto suggestion = swarm.Suggest(loop.next_id);
    loop.seconds += CpuSeconds() - start;
    loop.completed.clear();
    loop.Complete(*suggestion);
  }
  return loop.seconds;
}

double StateSeconds(int batch, bool from_bytes) {
  Loop loop;
  const FireflySearch algorithm(firefly::Species::kHyper);
  std::string state;
  for (int i = 0; i < kTrials; i += batch) {
    if (from_bytes) loop.cache.reset();
    const double start = CpuSeconds();
    algorithm.NewTo(state);
    auto result = algorithm.Suggest(loop.Request(batch, state));
    loop.seconds += CpuSeconds() - start;
    if (!result.ok()) std::abort();
    state = std::move(result->state);
    loop.completed.clear();
    for (const Suggestion& suggestion : result->suggestions) loop.Complete(suggestion);
  }
  return loop.seconds;
}

double LateSeconds() {
  Loop loop;
  loop.noisy = false;
  EncodedTrials trials(loop.space, loop.objectives);
  const FireflySearch algorithm(firefly::Species::kHyper);
  std::string state;
  for (int i = 0; i < kEarlierTrials + kTrials; ++i) {
    const double start = CpuSeconds();
    const bool encoded = algorithm.UsesEncodedTrials(state, loop.next_id);
    if (!encoded) algorithm.NewTo(state);
    auto result = algorithm.Suggest(loop.Request(1, state, encoded ? &trials : nullptr));
    if (!result.ok()) std::abort();
    state = std::move(result->state);
    if (i >= kEarlierTrials) loop.seconds += CpuSeconds() - start;
    loop.completed.clear();
    loop.Complete(result->suggestions[0]);
    trials.Add(loop.completed[0].trial_id, loop.completed[0].point);
    trials.SetFinished(loop.completed[0].trial_id, loop.completed[0].objectives, false);
  }
  std::printf("late: the state has %zu bytes\n", state.size());
  return loop.seconds;
}

void Print(std::FILE* file, const char* workload, double seconds) {
  std::printf("%-6s %9.0f suggestions/s, %6.1f us each\n", workload, kTrials / seconds, 1e6 * seconds / kTrials);
  if (file == nullptr) return;
  std::fprintf(file, "{\"workload\": \"%s\", \"suggestions_per_second\": %.0f}\n", workload, kTrials / seconds);
}

int Main(int argc, char** argv) {
  std::FILE* file = argc > 2 && std::string_view(argv[1]) == "--output" ? std::fopen(argv[2], "w") : nullptr;
  Print(file, "swarm", SwarmSeconds());
  Print(file, "state", StateSeconds(1, false));
  Print(file, "bytes", StateSeconds(1, true));
  Print(file, "batch", StateSeconds(100, false));
  Print(file, "late", LateSeconds());
  return file != nullptr && std::fclose(file) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::Main(argc, argv); }
