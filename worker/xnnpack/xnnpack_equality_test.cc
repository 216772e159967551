// Our interpreter and XNNPACK on random, untrained networks of the search spaces: every value of every tensor is equal.
// `--networks=N` compares N networks of each space instead of a few.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "gtest/gtest.h"
#include "worker/graph/architectures.h"
#include "worker/tflite/random_model.h"
#include "worker/xnnpack/xnnpack_runner.h"

namespace photinus::xnnpack {
namespace {

int networks = 30;

constexpr int kExamples = 2;

class Equality : public ::testing::TestWithParam<const char*> {};

TEST_P(Equality, OfEveryValueOfRandomNetworks) {
  const spaces::Space& space = *spaces::FindSpace(GetParam());
  std::int64_t values = 0, different = 0;
  for (int seed = 0; seed < networks; ++seed) {
    const graph::Architecture architecture = graph::ArchitectureOf(space.name, spaces::Sample(space, seed)).value();
    // Integers by another seed than the architecture, every fourth of powers of two (see RandomModel).
    const graph::QuantizedModel model = tflite::RandomModel(graph::BuildGraph(architecture).value(), seed / 2);
    const auto interpreter = tflite::NewInterpreterRunner(model, tflite::Rounding::kXnn).value();
    const auto xnnpack = NewXnnpackRunner(model, {}).value();
    const std::int64_t size = graph::ElementCount(model.graph.tensors[model.graph.input].dims);
    for (int example = 0; example < kExamples; ++example) {
      const std::vector<std::int8_t> input = tflite::RandomInput(size, seed * kExamples + example);
      ASSERT_TRUE(interpreter->Run(input).ok());
      ASSERT_TRUE(xnnpack->Run(input).ok());
      for (const graph::Op& op : model.graph.ops) {
        const auto ours = interpreter->TensorValues(op.output), theirs = xnnpack->TensorValues(op.output);
        for (std::size_t i = 0; i < ours.size(); ++i) different += ours[i] == theirs[i] ? 0 : 1;
        values += static_cast<std::int64_t>(ours.size());
        ASSERT_EQ(different, 0) << "seed " << seed << ", op " << op.name;
      }
    }
  }
  std::printf("%s: %d networks x %d examples, %lld of %lld values differ\n", GetParam(), networks, kExamples,
              static_cast<long long>(different), static_cast<long long>(values));
  EXPECT_GT(values, 0);
}

INSTANTIATE_TEST_SUITE_P(Spaces, Equality, ::testing::Values("energy-audio-2d", "energy-audio-1d", "energy-audio-49"),
                         [](const auto& info) {
                           return std::string(info.param).substr(std::string("energy-audio-").size());
                         });

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
