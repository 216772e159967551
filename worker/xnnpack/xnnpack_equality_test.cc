// Our interpreter and XNNPACK on random, untrained networks of the search spaces and on the baselines: every value of
// every tensor is equal.
// `--networks=N` compares N networks of each space instead of a few.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "gtest/gtest.h"
#include "worker/graph/architectures.h"
#include "worker/graph/baselines.h"
#include "worker/tflite/random_model.h"
#include "worker/xnnpack/xnnpack_runner.h"

namespace photinus::xnnpack {
namespace {

int networks = 30;

constexpr int kExamples = 2;

// Values of all tensors that were compared, and that differ.
struct Comparison {
  std::int64_t values = 0;
  std::int64_t different = 0;
};

Comparison Compare(const graph::QuantizedModel& model, int examples, int seed) {
  const auto interpreter = tflite::NewInterpreterRunner(model, tflite::Rounding::kXnn).value();
  const auto xnnpack = NewXnnpackRunner(model, {}).value();
  const std::int64_t size = graph::ElementCount(model.graph.tensors[model.graph.input].dims);
  Comparison comparison;
  for (int example = 0; example < examples; ++example) {
    const std::vector<std::int8_t> input = tflite::RandomInput(size, seed * examples + example);
    EXPECT_TRUE(interpreter->Run(input).ok());
    EXPECT_TRUE(xnnpack->Run(input).ok());
    for (const graph::Op& op : model.graph.ops) {
      const auto ours = interpreter->TensorValues(op.output), theirs = xnnpack->TensorValues(op.output);
      for (std::size_t i = 0; i < ours.size(); ++i) comparison.different += ours[i] == theirs[i] ? 0 : 1;
      comparison.values += static_cast<std::int64_t>(ours.size());
      EXPECT_EQ(comparison.different, 0) << model.graph.name << ", seed " << seed << ", op " << op.name;
      if (comparison.different > 0) return comparison;
    }
  }
  return comparison;
}

class Equality : public ::testing::TestWithParam<const char*> {};

TEST_P(Equality, OfEveryValueOfRandomNetworks) {
  const spaces::Space& space = *spaces::FindSpace(GetParam());
  Comparison all;
  for (int seed = 0; seed < networks; ++seed) {
    const graph::Architecture architecture = graph::ArchitectureOf(space.name, spaces::Sample(space, seed)).value();
    // Integers by another seed than the architecture, every fourth of powers of two (see RandomModel).
    const graph::QuantizedModel model = tflite::RandomModel(graph::BuildGraph(architecture).value(), seed / 2);
    const Comparison comparison = Compare(model, kExamples, seed);
    all.values += comparison.values;
    all.different += comparison.different;
  }
  std::printf("%s: %d networks x %d examples, %lld of %lld values differ\n", GetParam(), networks, kExamples,
              static_cast<long long>(all.different), static_cast<long long>(all.values));
  EXPECT_GT(all.values, 0);
}

INSTANTIATE_TEST_SUITE_P(Spaces, Equality, ::testing::Values("energy-audio-2d", "energy-audio-1d", "energy-audio-49"),
                         [](const auto& info) {
                           return std::string(info.param).substr(std::string("energy-audio-").size());
                         });

TEST(Baselines, AreEqualInEveryValue) {
  for (const std::string& name : graph::BaselineNames()) {
    const graph::Graph graph = graph::BuildGraph(graph::Baseline(name).value()).value();
    const Comparison comparison = Compare(tflite::RandomModel(graph, 1), 1, 1);
    EXPECT_GT(comparison.values, 0) << name;
    EXPECT_EQ(comparison.different, 0) << name;
  }
}

}  // namespace
}  // namespace photinus::xnnpack

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view kNetworks = "--networks=";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(kNetworks)) {
      photinus::xnnpack::networks = std::atoi(argv[i] + kNetworks.size());
    }
  }
  return RUN_ALL_TESTS();
}
