#include "worker/tflite/interpreter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <functional>
#include <limits>

#include "worker/graph/graph_builder.h"
#include "worker/graph/quantize.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/writer.h"

namespace photinus::tflite {
namespace {

using graph::Activation;
using graph::Dims;
using graph::Op;
using graph::OpType;
using graph::PaddingMode;
using graph::QuantizedModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The plainest possible loops, one output value at a time, in mode xnn: what the fast kernels must equal.
class Reference {
 public:
  Reference(const QuantizedModel& model, std::vector<std::int8_t> input)
      : model_(model), tensors_(model.graph.tensors.size()) {
    tensors_[model.graph.input] = std::move(input);
    for (std::size_t i = 0; i < model.graph.ops.size(); ++i) RunOp(i);
  }

  const std::vector<std::int8_t>& TensorValues(int index) const { return tensors_[index]; }

 private:
  void RunOp(std::size_t index) {
    const Op& op = model_.graph.ops[index];
    std::vector<std::int8_t>& out = tensors_[op.output];
    const std::int64_t count = graph::ElementCount(model_.graph.OutputDims(op));
    for (std::int64_t i = 0; i < count; ++i) out.push_back(static_cast<std::int8_t>(Value(op, index, i)));
  }

  int Value(const Op& op, std::size_t index, std::int64_t i) const {
    switch (op.type) {
      case OpType::kConv2D:
      case OpType::kDepthwiseConv2D:
        return Windowed(op, index, i);
      case OpType::kFullyConnected:
        return FullyConnected(op, index, i);
      case OpType::kAdd:
        return Add(op, i);
      case OpType::kAveragePool:
        return Pool(op, i);
      case OpType::kConcatenation:
        return Concatenated(op, i);
      case OpType::kReshape:
        return tensors_[op.inputs[0]][i];
      case OpType::kSoftmax:
        return Softmax(op, i);
    }
    return 0;
  }

  int Concatenated(const Op& op, std::int64_t i) const {
    const int channels = model_.graph.OutputDims(op)[3];
    auto channel = static_cast<int>(i % channels);
    for (const int input : op.inputs) {
      const int width = model_.graph.tensors[input].dims[3];
      if (channel < width) return tensors_[input][i / channels * width + channel];
      channel -= width;
    }
    return 0;
  }

  int Clamp(const Op& op, double value) const {
    const graph::Quantization& q = model_.tensors[op.output];
    const double low = op.activation == Activation::kNone ? -128 : q.zero_point;
    const double six = op.activation == Activation::kRelu6 ? q.zero_point + std::nearbyint(6 / q.scale) : 127;
    return static_cast<int>(std::min(std::max(value, low), std::min(six, 127.0)));
  }

  int Requantize(const Op& op, std::size_t index, std::int64_t sum, int channel) const {
    const std::vector<float>& scales = model_.weights[index].scales;
    const float product = model_.tensors[op.inputs[0]].scale * scales[scales.size() == 1 ? 0 : channel];
    const float factor = product / model_.tensors[op.output].scale;
    return Clamp(op, std::nearbyint(static_cast<float>(sum) * factor) + model_.tensors[op.output].zero_point);
  }

  // Calls visit(row, column, position in the kernel) for each kernel position that lies on the map.
  void VisitWindow(const Op& op, std::int64_t y, std::int64_t x,
                   const std::function<void(int row, int column, int position)>& visit) const {
    const Dims& in = model_.graph.InputDims(op);
    const Dims& out = model_.graph.OutputDims(op);
    int top = 0;
    int left = 0;
    if (op.padding == PaddingMode::kSame) {
      top = std::max((out[1] - 1) * op.stride_h + op.kernel_h - in[1], 0) / 2;
      left = std::max((out[2] - 1) * op.stride_w + op.kernel_w - in[2], 0) / 2;
    }
    for (int ky = 0; ky < op.kernel_h; ++ky) {
      for (int kx = 0; kx < op.kernel_w; ++kx) {
        const int row = static_cast<int>(y) * op.stride_h - top + ky;
        const int column = static_cast<int>(x) * op.stride_w - left + kx;
        if (row >= 0 && row < in[1] && column >= 0 && column < in[2]) visit(row, column, ky * op.kernel_w + kx);
      }
    }
  }

  struct Position {
    std::int64_t y, x;
    int channel;
  };
  Position At(const Op& op, std::int64_t i) const {
    const Dims& out = model_.graph.OutputDims(op);
    return {i / out[3] / out[2], i / out[3] % out[2], static_cast<int>(i % out[3])};
  }

  int Windowed(const Op& op, std::size_t index, std::int64_t i) const {
    const Dims& in = model_.graph.InputDims(op);
    const auto [y, x, channel] = At(op, i);
    const graph::QuantizedWeights& weights = model_.weights[index];
    const std::vector<std::int8_t>& input = tensors_[op.inputs[0]];
    const int zero_point = model_.tensors[op.inputs[0]].zero_point;
    std::int64_t sum = weights.bias[channel];
    VisitWindow(op, y, x, [&, channel = channel](int row, int column, int position) {
      const int at = (row * in[2] + column) * in[3];
      if (op.type == OpType::kDepthwiseConv2D) {
        sum += weights.weights[position * in[3] + channel] * (input[at + channel] - zero_point);
        return;
      }
      for (int c = 0; c < in[3]; ++c) {
        const int kernel = op.kernel_h * op.kernel_w;
        sum += weights.weights[(channel * kernel + position) * in[3] + c] * (input[at + c] - zero_point);
      }
    });
    return Requantize(op, index, sum, channel);
  }

  int FullyConnected(const Op& op, std::size_t index, std::int64_t unit) const {
    const std::vector<std::int8_t>& input = tensors_[op.inputs[0]];
    const graph::QuantizedWeights& weights = model_.weights[index];
    std::int64_t sum = weights.bias[unit];
    for (std::size_t i = 0; i < input.size(); ++i) {
      sum += weights.weights[unit * input.size() + i] * (input[i] - model_.tensors[op.inputs[0]].zero_point);
    }
    return Requantize(op, index, sum, static_cast<int>(unit));
  }

  int Add(const Op& op, std::int64_t i) const {
    const graph::Quantization& a = model_.tensors[op.inputs[0]];
    const graph::Quantization& b = model_.tensors[op.inputs[1]];
    const graph::Quantization& out = model_.tensors[op.output];
    const float ra = a.scale / out.scale;
    const float rb = b.scale / out.scale;
    const int shift = 20 - static_cast<int>(std::floor(std::log2(std::max(ra, rb))));
    const std::int64_t ma = std::llrint(std::ldexp(double{ra}, shift));
    const std::int64_t mb = std::llrint(std::ldexp(double{rb}, shift));
    const std::int64_t x = tensors_[op.inputs[0]][i] - a.zero_point;
    const std::int64_t y = tensors_[op.inputs[1]][i] - b.zero_point;
    const double exact = static_cast<double>(x * ma + y * mb) / std::ldexp(1.0, shift);
    return Clamp(op, std::floor(exact + 0.5) + out.zero_point);
  }

  int Pool(const Op& op, std::int64_t i) const {
    const Dims& in = model_.graph.InputDims(op);
    const auto [y, x, channel] = At(op, i);
    double sum = 0;
    double count = 0;
    VisitWindow(op, y, x, [&, channel = channel](int row, int column, int) {
      sum += tensors_[op.inputs[0]][(row * in[2] + column) * in[3] + channel];
      ++count;
    });
    return Clamp(op, std::round(sum / count));
  }

  int Softmax(const Op& op, std::int64_t i) const {
    const std::vector<std::int8_t>& logits = tensors_[op.inputs[0]];
    double sum = 0;
    for (const int logit : logits) sum += std::exp(model_.tensors[op.inputs[0]].scale * double(logit - logits[i]));
    return Clamp(op, std::round(256 / sum) - 128);
  }

  const QuantizedModel& model_;
  std::vector<std::vector<std::int8_t>> tensors_;
};

TEST(Interpreter, EqualsPlainLoopsOnEveryTensorOfRandomNetworks) {
  for (int seed = 0; seed < 120; ++seed) {
    const QuantizedModel model = RandomModel(RandomGraph(seed), seed);
    Interpreter interpreter = Interpreter::FromFile(WriteTflite(model).value(), Rounding::kXnn).value();
    const std::vector<std::int8_t> input = RandomInput(interpreter.InputSize(), seed);
    ASSERT_TRUE(interpreter.Run(input).ok());
    const Reference reference(model, input);
    for (const Op& op : model.graph.ops) {
      const auto values = interpreter.TensorValues(op.output);
      ASSERT_EQ(std::vector<std::int8_t>(values.begin(), values.end()), reference.TensorValues(op.output))
          << "seed " << seed << ", op " << op.name << " (" << graph::OpTypeName(op.type) << ")";
    }
  }
}

// One convolution whose weights and input are 1 and whose scales are 1: the sums can be counted by eye.
std::vector<int> CountTaps(int height, int kernel, int stride, PaddingMode padding, OpType type) {
  graph::GraphBuilder builder("taps", {1, height, 1, 1});
  const graph::Window window = {kernel, 1, stride, 1, padding};
  const int output = type == OpType::kConv2D ? builder.Conv("op", 0, 1, window, Activation::kNone)
                                             : builder.Depthwise("op", 0, window, Activation::kNone);
  const graph::Graph graph = builder.Build(output).value();
  const graph::FoldedWeights weights = {std::vector<std::int8_t>(kernel, 1), {1}, {0}};
  const QuantizedModel model = graph::AssembleQuantizedModel(graph, {{1, -7}, {1, 0}}, {weights}).value();
  Interpreter interpreter = Interpreter::FromModel(model, Rounding::kXnn).value();
  EXPECT_TRUE(interpreter.Run(std::vector<std::int8_t>(height, -6)).ok());  // -6 stands for 1
  return {interpreter.Output().begin(), interpreter.Output().end()};
}

TEST(Interpreter, PadsAsTensorFlowDoes) {
  for (const OpType type : {OpType::kConv2D, OpType::kDepthwiseConv2D}) {
    EXPECT_THAT(CountTaps(5, 3, 1, PaddingMode::kSame, type), ElementsAre(2, 3, 3, 3, 2));
    EXPECT_THAT(CountTaps(5, 4, 1, PaddingMode::kSame, type), ElementsAre(3, 4, 4, 3, 2));
    EXPECT_THAT(CountTaps(5, 3, 2, PaddingMode::kSame, type), ElementsAre(2, 3, 2));
    EXPECT_THAT(CountTaps(6, 3, 2, PaddingMode::kSame, type), ElementsAre(3, 3, 2));
    EXPECT_THAT(CountTaps(6, 4, 2, PaddingMode::kSame, type), ElementsAre(3, 4, 3));
    EXPECT_THAT(CountTaps(6, 4, 2, PaddingMode::kValid, type), ElementsAre(4, 4));
    EXPECT_THAT(CountTaps(2, 9, 1, PaddingMode::kSame, type), ElementsAre(2, 2));
  }
}

TEST(Interpreter, LeavesPaddingOutOfAverages) {
  graph::GraphBuilder builder("pool", {1, 3, 1, 1});
  const graph::Graph graph = builder.Build(builder.AveragePool("pool", 0, {2, 1, 1, 1})).value();
  const QuantizedModel model = graph::AssembleQuantizedModel(graph, {{1, 5}, {1, 5}}, {{}}).value();
  Interpreter interpreter = Interpreter::FromModel(model, Rounding::kXnn).value();
  ASSERT_TRUE(interpreter.Run(std::vector<std::int8_t>{1, 2, -5}).ok());
  EXPECT_THAT(interpreter.Output(), ElementsAre(2, -2, -5));  // 1.5 and -1.5 away from zero; the last has one value
}

TEST(Interpreter, ConcatenatesChannelsPositionByPosition) {
  graph::GraphBuilder builder("concat", {1, 2, 1, 3});
  const int pool = builder.AveragePool("pool", 0, {2, 1, 1, 1});
  const graph::Graph graph = builder.Build(builder.Concatenate("concat", {0, pool})).value();
  const QuantizedModel model = graph::AssembleQuantizedModel(graph, {{1, 5}, {2, 0}, {3, 0}}, {{}, {}}).value();
  EXPECT_EQ(model.tensors[2], (graph::Quantization{1, 5}));  // all have the input's
  Interpreter interpreter = Interpreter::FromModel(model, Rounding::kXnn).value();
  ASSERT_TRUE(interpreter.Run(std::vector<std::int8_t>{10, 20, 30, 20, 40, -30}).ok());
  EXPECT_THAT(interpreter.Output(), ElementsAre(10, 20, 30, 15, 30, 0, 20, 40, -30, 20, 40, -30));
}

QuantizedModel AddModel(float left, float right, float output) {
  graph::GraphBuilder builder("add", {1, 1, 1, 20});
  const int branch = builder.Depthwise("branch", 0, {}, Activation::kNone);
  const graph::Graph graph = builder.Build(builder.Add("add", 0, branch, Activation::kNone)).value();
  // The branch negates nothing and scales nothing: right = left * (left scale / right scale) in integers.
  const graph::FoldedWeights weights = {std::vector<std::int8_t>(20, 1), std::vector<float>(20, right / left),
                                        std::vector<float>(20, 0)};
  return graph::AssembleQuantizedModel(graph, {{left, 0}, {right, 0}, {output, 0}}, {weights, {}}).value();
}

TEST(Interpreter, RoundsTiesOfAnAddByMode) {
  const QuantizedModel model = AddModel(1, 1, 4);  // (x + x) / 4: ties at odd x
  const std::vector<std::int8_t> input = {1, -1, 3, -3, 5, -5, 2, -2, 7, -7, 9, -9, 11, -11, 13, -13, 1, -1, 3, -3};
  Interpreter xnn = Interpreter::FromModel(model, Rounding::kXnn).value();
  ASSERT_TRUE(xnn.Run(input).ok());
  EXPECT_THAT(xnn.Output(), ElementsAre(1, 0, 2, -1, 3, -2, 1, -1, 4, -3, 5, -4, 6, -5, 7, -6, 1, 0, 2, -1));
  Interpreter builtin = Interpreter::FromModel(model, Rounding::kBuiltin).value();
  ASSERT_TRUE(builtin.Run(input).ok());
  EXPECT_THAT(builtin.Output(), ElementsAre(1, -1, 2, -2, 3, -3, 1, -1, 4, -4, 5, -5, 6, -6, 7, -7, 1, -1, 2, -2));
}

TEST(Interpreter, SoftmaxSharesOutAWholeOf256) {
  graph::GraphBuilder builder("softmax", {1, 4});
  const graph::Graph graph = builder.Build(builder.Softmax("softmax", 0)).value();
  const QuantizedModel model = graph::AssembleQuantizedModel(graph, {{0.1f, 0}, {1, 0}}, {{}}).value();
  Interpreter interpreter = Interpreter::FromModel(model, Rounding::kXnn).value();
  ASSERT_TRUE(interpreter.Run(std::vector<std::int8_t>{3, 3, 3, 3}).ok());
  EXPECT_THAT(interpreter.Output(), ElementsAre(-64, -64, -64, -64));
  ASSERT_TRUE(interpreter.Run(std::vector<std::int8_t>{10, 0, 0, 0}).ok());
  EXPECT_THAT(interpreter.Output(), ElementsAre(-6, -83, -83, -83));  // e / (e + 3) = .475, 1 / (e + 3) = .175
  ASSERT_TRUE(interpreter.Run(std::vector<std::int8_t>{127, -128, -128, -128}).ok());
  EXPECT_THAT(interpreter.Output(), ElementsAre(127, -128, -128, -128));  // 256 shares do not fit int8
}

QuantizedModel OneConv(float weight_scale, std::int32_t bias) {
  graph::GraphBuilder builder("conv", {1, 1, 1, 1});
  const graph::Graph graph =
      graph::WithoutBatchNorm(builder.Build(builder.Conv("conv", 0, 1, {}, Activation::kNone)).value());
  return {graph, {{1, 0}, {1, 0}}, {{{127}, {weight_scale}, {bias}}}};
}

TEST(Interpreter, RefusesWhatTheRuntimesRefuse) {
  EXPECT_TRUE(Interpreter::FromModel(OneConv(255, 0), Rounding::kXnn).ok());
  EXPECT_THAT(Interpreter::FromModel(OneConv(256, 0), Rounding::kXnn).error().message, HasSubstr("'conv'"));
  EXPECT_TRUE(Interpreter::FromModel(OneConv(256, 0), Rounding::kBuiltin).ok());
  const std::int32_t max = std::numeric_limits<std::int32_t>::max();
  EXPECT_TRUE(Interpreter::FromModel(OneConv(1, max - 127 * 128), Rounding::kXnn).ok());
  EXPECT_THAT(Interpreter::FromModel(OneConv(1, max - 127 * 128 + 1), Rounding::kXnn).error().message,
              HasSubstr("32 bits"));
}

TEST(Interpreter, RefusesAnInputOfAnotherSize) {
  Interpreter interpreter = Interpreter::FromModel(OneConv(1, 0), Rounding::kXnn).value();
  EXPECT_THAT(interpreter.Run(std::vector<std::int8_t>(2)).error().message, HasSubstr("takes 1 values, not 2"));
}

TEST(QuantizeInput, RoundsHalfToEvenAndClamps) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values = {0, 0.25f, 0.75f, -0.25f, 1000, -1000, nan};
  std::vector<std::int8_t> out(values.size());
  QuantizeInput(values, {0.5f, 3}, out.data());
  EXPECT_THAT(out, ElementsAre(3, 3, 5, 3, 127, -128, -128));
}

TEST(Argmax, TakesTheFirstAmongEquals) { EXPECT_EQ(Argmax(std::vector<std::int8_t>{-5, 7, 7, 2}), 1); }

}  // namespace
}  // namespace photinus::tflite
