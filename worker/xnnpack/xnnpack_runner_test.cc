#include "worker/xnnpack/xnnpack_runner.h"

#include <limits>
#include <string>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/graph/graph_builder.h"
#include "worker/tflite/random_model.h"

namespace photinus::xnnpack {
namespace {

using graph::Activation;
using graph::QuantizedModel;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

std::vector<std::int8_t> Interpreted(const QuantizedModel& model, const std::vector<std::int8_t>& inputs) {
  return tflite::NewInterpreterRunner(model, tflite::Rounding::kXnn).value()->Run(inputs).value();
}

std::vector<std::int8_t> Outputs(const QuantizedModel& model, const std::vector<std::int8_t>& inputs,
                                 const XnnpackOptions& options) {
  return NewXnnpackRunner(model, options).value()->Run(inputs).value();
}

std::vector<std::int8_t> Inputs(const QuantizedModel& model, int examples, int seed) {
  const graph::Graph& graph = model.graph;
  return tflite::RandomInput(examples * graph::ElementCount(graph.tensors[graph.input].dims), seed);
}

TEST(XnnpackRunner, EqualsTheInterpreterOnEveryTensorOfRandomNetworks) {
  for (int seed = 0; seed < 300; ++seed) {
    const QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(seed), seed);
    const auto interpreter = tflite::NewInterpreterRunner(model, tflite::Rounding::kXnn).value();
    const auto runner = NewXnnpackRunner(model, {}).value();
    const std::vector<std::int8_t> inputs = Inputs(model, 2, seed);
    ASSERT_EQ(runner->Run(inputs).value(), interpreter->Run(inputs).value()) << "seed " << seed;
    for (const graph::Op& op : model.graph.ops) {
      ASSERT_THAT(runner->TensorValues(op.output), ElementsAreArray(interpreter->TensorValues(op.output)))
          << "seed " << seed << ", op " << op.name << " (" << graph::OpTypeName(op.type) << ")";
    }
  }
}

TEST(XnnpackRunner, GivesTheSameWhateverTheBatchAndTheThreads) {
  const QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(7), 7);
  const std::vector<std::int8_t> inputs = Inputs(model, 7, 1);
  const std::vector<std::int8_t> expected = Interpreted(model, inputs);
  for (const XnnpackOptions& options : {XnnpackOptions{1, 1}, {1, 3}, {1, 7}, {1, 16}, {2, 1}, {3, 4}}) {
    EXPECT_EQ(Outputs(model, inputs, options), expected) << options.threads << " threads, batch " << options.batch;
  }
}

// Every position of a window against every edge: kernels longer than the map, strides that leave values over at its end
// (where XNNPACK's own SAME padding is wrong), odd and even sizes; as convolution and as depthwise convolution.
class Windows : public ::testing::TestWithParam<std::tuple<int, int, int>> {};

TEST_P(Windows, EqualTheInterpreters) {
  const auto [size, kernel, stride] = GetParam();
  for (const graph::Window& window : {graph::Window{kernel, 1, stride, 2}, graph::Window{1, kernel, 1, stride},
                                      graph::Window{kernel, kernel, stride, stride}}) {
    for (const auto padding : {graph::PaddingMode::kSame, graph::PaddingMode::kValid}) {
      graph::Window used = window;
      used.padding = padding;
      if (padding == graph::PaddingMode::kValid && kernel > size) continue;
      for (const bool depthwise : {true, false}) {
        graph::GraphBuilder builder("window", {1, size, size, 3});
        const int output = depthwise ? builder.Depthwise("op", 0, used, Activation::kNone)
                                     : builder.Conv("op", 0, 5, used, Activation::kNone);
        const QuantizedModel model = tflite::RandomModel(graph::WithoutBatchNorm(builder.Build(output).value()), size);
        const std::vector<std::int8_t> inputs = Inputs(model, 2, kernel);
        EXPECT_EQ(Outputs(model, inputs, {1, 2}), Interpreted(model, inputs))
            << (depthwise ? "depthwise " : "convolution ") << used.kernel_h << "x" << used.kernel_w << "/"
            << used.stride_h << "x" << used.stride_w;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Windows,
                         ::testing::Combine(::testing::Values(4, 5, 6, 7, 8), ::testing::Values(1, 2, 3, 4, 5, 9),
                                            ::testing::Values(1, 2, 3)));

TEST(XnnpackRunner, TakesAnEmptyBatch) {
  const auto runner = NewXnnpackRunner(tflite::RandomModel(tflite::RandomGraph(1), 1), {}).value();
  EXPECT_TRUE(runner->Run({}).value().empty());
}

TEST(XnnpackRunner, RefusesAPartOfAnExample) {
  const QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(1), 1);
  std::vector<std::int8_t> inputs = Inputs(model, 2, 1);
  inputs.pop_back();
  for (const auto& runner :
       {NewXnnpackRunner(model, {}), tflite::NewInterpreterRunner(model, tflite::Rounding::kXnn)}) {
    EXPECT_THAT((*runner)->Run(inputs).error().message, HasSubstr("no whole number of examples"));
  }
}

// Output scale 20: six rounds to no step at all.
TEST(XnnpackRunner, ComputesWhatXnnpackRefuses) {
  graph::GraphBuilder builder("conv", {1, 1, 1, 1});
  const graph::Graph graph =
      graph::WithoutBatchNorm(builder.Build(builder.Conv("conv", 0, 1, {}, Activation::kRelu6)).value());
  const QuantizedModel model = {graph, {{1, 0}, {20, -128}}, {{{127}, {1}, {0}}}};
  EXPECT_EQ(Outputs(model, {100, -100}, {}), Interpreted(model, {100, -100}));
}

TEST(XnnpackRunner, RefusesWhatTheInterpreterRefuses) {
  graph::GraphBuilder builder("conv", {1, 1, 1, 1});
  const graph::Graph graph =
      graph::WithoutBatchNorm(builder.Build(builder.Conv("conv", 0, 1, {}, Activation::kNone)).value());
  const auto error = [&](float scale, std::int32_t bias) {
    return NewXnnpackRunner({graph, {{1, 0}, {1, 0}}, {{{127}, {scale}, {bias}}}}, {}).error();
  };
  EXPECT_EQ(error(256, 0).code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error(256, 0).message, HasSubstr("'conv'"));
  EXPECT_THAT(error(1, std::numeric_limits<std::int32_t>::max()).message, HasSubstr("32 bits"));
  EXPECT_EQ(NewXnnpackRunner({graph, {{1, 0}}, {}}, {}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace photinus::xnnpack
