#include "worker/train/ops.h"

#include <gtest/gtest.h>

#include <string>

#include "worker/graph/graph_builder.h"
#include "worker/train/convolution.h"
#include "worker/train/depthwise.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {
namespace {

using graph::Activation;
using graph::GraphBuilder;
using graph::PaddingMode;
using graph::Window;

struct WindowCase {
  std::string name;
  int height, width;
  Window window;
};

class PaddingTest : public ::testing::TestWithParam<WindowCase> {};

// TensorFlow's SAME from its definition: output y covers input rows y * stride - before ... + kernel - 1.
Tensor NaiveConvolution(const graph::Graph& graph, const graph::Op& op, const Tensor& input, const Tensor& weight) {
  const graph::Dims out = graph.OutputDims(op), in = graph.InputDims(op);
  const int total_h = std::max((out[1] - 1) * op.stride_h + op.kernel_h - in[1], 0);
  const int total_w = std::max((out[2] - 1) * op.stride_w + op.kernel_w - in[2], 0);
  const bool depthwise = op.type == graph::OpType::kDepthwiseConv2D;
  Tensor result = torch::zeros({1, op.filters, out[1], out[2]});
  for (int c = 0; c < op.filters; ++c) {
    for (int y = 0; y < out[1]; ++y) {
      for (int x = 0; x < out[2]; ++x) {
        float sum = 0;
        for (int i = 0; i < op.kernel_h; ++i) {
          for (int j = 0; j < op.kernel_w; ++j) {
            const int row = y * op.stride_h - total_h / 2 + i, column = x * op.stride_w - total_w / 2 + j;
            if (row < 0 || row >= in[1] || column < 0 || column >= in[2]) continue;
            for (int k = 0; k < (depthwise ? 1 : in[3]); ++k) {
              sum += input[0][depthwise ? c : k][row][column].item<float>() * weight[c][k][i][j].item<float>();
            }
          }
        }
        result[0][c][y][x] = sum;
      }
    }
  }
  return result;
}

TEST_P(PaddingTest, ConvolutionsPadAsTensorFlowDoes) {
  torch::manual_seed(1);
  const WindowCase& c = GetParam();
  GraphBuilder builder("test", {1, c.height, c.width, 3});
  const int conv = builder.Conv("conv", 0, 2, c.window, Activation::kNone);
  builder.Depthwise("depthwise", 0, c.window, Activation::kNone);
  const graph::Graph graph = builder.Build(conv).value();
  const Tensor input = FromChannelsLast(torch::randn({1, c.height, c.width, 3}));
  for (const graph::Op& op : graph.ops) {
    const bool depthwise = op.type == graph::OpType::kDepthwiseConv2D;
    const Tensor weight = torch::randn({op.filters, depthwise ? 1 : 3, c.window.kernel_h, c.window.kernel_w});
    const Tensor output = ApplyWeights(graph, op, input, weight, Tensor());
    EXPECT_TRUE(torch::allclose(output, NaiveConvolution(graph, op, input, weight), 1e-4, 1e-5)) << op.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Windows, PaddingTest,
    ::testing::Values(WindowCase{"OddKernel", 7, 1, {3, 1, 1, 1}}, WindowCase{"EvenKernel", 7, 1, {4, 1, 1, 1}},
                      WindowCase{"StrideOnOddSize", 7, 1, {3, 1, 2, 1}},
                      WindowCase{"StrideOnEvenSize", 8, 1, {3, 1, 2, 1}},
                      WindowCase{"EvenKernelAndStride", 7, 1, {4, 1, 2, 1}}, WindowCase{"TwoAxes", 6, 5, {3, 4, 2, 1}},
                      WindowCase{"EvenKernelOnTwoAxes", 7, 6, {4, 4, 2, 2}},
                      WindowCase{"FrequencyAlone", 5, 8, {1, 4, 1, 2}}, WindowCase{"SpectralStem", 6, 40, {3, 9, 1, 5}},
                      WindowCase{"KernelSmallerThanStride", 8, 6, {1, 1, 2, 3}}),
    [](const auto& info) { return info.param.name; });

// A convolution of ours beside libtorch's, with gradients by inputs and weights; groups as LibtorchConvolution has
// them.
template <typename Convolve>
void ExpectAsLibtorch(Convolve&& convolve, const Tensor& x, const Tensor& w, const graph::Padding& padding,
                      int64_t stride_h, int64_t stride_w, int64_t groups) {
  Tensor x1 = x.clone().requires_grad_(true), w1 = w.clone().requires_grad_(true);
  Tensor x2 = x.clone().requires_grad_(true), w2 = w.clone().requires_grad_(true);
  const Tensor ours = convolve(x1, w1, padding, stride_h, stride_w);
  const Tensor theirs = LibtorchConvolution(x2, w2, padding, stride_h, stride_w, groups);
  EXPECT_TRUE(torch::allclose(ours, theirs, 1e-4, 1e-5));
  const Tensor weighting = torch::randn(ours.sizes());
  (ours * weighting).sum().backward();
  (theirs * weighting).sum().backward();
  EXPECT_TRUE(torch::allclose(x1.grad(), x2.grad(), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(w1.grad(), w2.grad(), 1e-4, 1e-4));
}

TEST(Convolution, AndItsGradientsAgreeWithLibtorch) {
  torch::manual_seed(2);
  for (const int64_t stride : {1, 2, 3}) {
    ExpectAsLibtorch(&Convolution, torch::randn({2, 5, 9, 1}), torch::randn({4, 5, 4, 1}), {1, 2, 0, 0}, stride, 1, 1);
    ExpectAsLibtorch(&Convolution, torch::randn({2, 5, 9, 7}), torch::randn({4, 5, 4, 3}), {1, 2, 0, 1}, stride, 1, 1);
    // Of one position; without a stride the input is not copied.
    ExpectAsLibtorch(&Convolution, torch::randn({2, 5, 9, 7}), torch::randn({4, 5, 1, 1}), {}, stride, stride, 1);
  }
}

TEST(DepthwiseConvolution, AndItsGradientsAgreeWithLibtorch) {
  torch::manual_seed(2);
  for (const int64_t channels : {5, 8, 19}) {  // fewer than a vector of the processor has, as many, more
    for (const int64_t stride : {1, 2, 3}) {
      for (const graph::Padding& padding : {graph::Padding{}, graph::Padding{1, 2, 0, 1}, graph::Padding{3, 3, 2, 2}}) {
        ExpectAsLibtorch(&DepthwiseConvolution, torch::randn({2, channels, 9, 7}), torch::randn({channels, 1, 4, 3}),
                         padding, stride, 2, channels);
      }
    }
  }
}

TEST(ApplyAveragePool, LeavesPaddingOutOfTheDivisor) {
  GraphBuilder builder("test", {1, 3, 1, 1});
  const int pool = builder.AveragePool("pool", 0, {3, 1, 1, 1, PaddingMode::kSame});
  const graph::Graph graph = builder.Build(pool).value();
  const Tensor output = ApplyAveragePool(graph, graph.ops[0], torch::tensor({3.0f, 6.0f, 12.0f}).reshape({1, 1, 3, 1}));
  EXPECT_TRUE(torch::allclose(output.flatten(), torch::tensor({4.5f, 7.0f, 9.0f})));
}

TEST(ApplyRoundedAveragePool, RoundsMeansOfIntegersHalfAwayFromZero) {
  GraphBuilder builder("test", {1, 4, 1, 1});
  const graph::Graph graph = builder.Build(builder.AveragePool("pool", 0, {2, 1, 2, 1})).value();
  const graph::Quantization grid = {0.1f, 3};
  // The integers 1, 2, -2, -3 and their means 1.5 and -2.5.
  Tensor input = ((torch::tensor({1.0f, 2.0f, -2.0f, -3.0f}) - 3) * 0.1f).reshape({1, 1, 4, 1}).requires_grad_(true);
  const Tensor pooled = ApplyRoundedAveragePool(graph, graph.ops[0], input, grid);
  EXPECT_TRUE(torch::allclose(pooled.flatten(), (torch::tensor({2.0f, -3.0f}) - 3) * 0.1f));
  pooled.sum().backward();
  EXPECT_TRUE(torch::equal(input.grad().flatten(), torch::full({4}, 0.5f))) << "the gradient of the mean";
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::allclose(ApplyRoundedAveragePool(graph, graph.ops[0], input, grid), pooled));
}

TEST(ApplyConcatenation, JoinsChannels) {
  GraphBuilder builder("test", {1, 2, 3, 4});
  const int pool = builder.AveragePool("pool", 0, {2, 2, 1, 1});
  const graph::Graph graph = builder.Build(builder.Concatenate("concat", {pool, 0})).value();
  const Tensor input = torch::randn({5, 4, 2, 3}), pooled = torch::randn({5, 4, 2, 3});
  const Tensor output = ApplyConcatenation(graph.ops[1], {input, pooled, Tensor()});
  EXPECT_EQ(output.sizes(), (std::vector<int64_t>{5, 8, 2, 3}));
  EXPECT_TRUE(torch::equal(output.narrow(1, 0, 4), pooled));
  EXPECT_TRUE(torch::equal(output.narrow(1, 4, 4), input));
}

TEST(ApplyAveragePool, PadsAnEvenMapAfterItsEnd) {
  GraphBuilder builder("test", {1, 4, 1, 1});
  const graph::Graph graph = builder.Build(builder.AveragePool("pool", 0, {3, 3, 2, 2})).value();
  const Tensor output =
      ApplyAveragePool(graph, graph.ops[0], torch::tensor({3.0f, 6.0f, 12.0f, 24.0f}).reshape({1, 1, 4, 1}));
  EXPECT_TRUE(torch::allclose(output.flatten(), torch::tensor({7.0f, 18.0f})));
}

TEST(ApplyReshape, KeepsTheOrderOfMemoryOfTflite) {
  const Tensor tflite = torch::arange(24, torch::kFloat).reshape({1, 2, 3, 4});  // height 2, width 3, channels 4
  const Tensor frequency_to_channels = ApplyReshape({1, 2, 1, 12}, FromChannelsLast(tflite));
  EXPECT_EQ(frequency_to_channels.sizes(), (std::vector<int64_t>{1, 12, 2, 1}));
  EXPECT_TRUE(torch::equal(frequency_to_channels.permute({0, 2, 3, 1}).flatten(), tflite.flatten()));
  EXPECT_TRUE(torch::equal(ApplyReshape({1, 24}, FromChannelsLast(tflite)).flatten(), tflite.flatten()));
}

TEST(ApplyActivation, ClampsAsItsNameSays) {
  const Tensor input = torch::tensor({-1.0f, 3.0f, 7.0f});
  EXPECT_TRUE(torch::equal(ApplyActivation(Activation::kNone, input), input));
  EXPECT_TRUE(torch::equal(ApplyActivation(Activation::kRelu, input), torch::tensor({0.0f, 3.0f, 7.0f})));
  EXPECT_TRUE(torch::equal(ApplyActivation(Activation::kRelu6, input), torch::tensor({0.0f, 3.0f, 6.0f})));
}

}  // namespace
}  // namespace photinus::train
