#include "worker/tflite/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "worker/graph/architectures.h"
#include "worker/graph/baselines.h"
#include "worker/graph/counters.h"
#include "worker/graph/graph_builder.h"
#include "worker/graph/quantize.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/schema_generated.h"

namespace photinus::tflite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

graph::Graph SampledGraph(int seed, const char* space_name = "keywords-small") {
  const spaces::Space& space = *spaces::FindSpace(space_name);
  return graph::BuildGraph(graph::ArchitectureOf(space.name, spaces::Sample(space, seed)).value()).value();
}

std::vector<std::uint8_t> SampledFile(int seed) { return WriteTflite(RandomModel(SampledGraph(seed), seed)).value(); }

TEST(WriteTflite, PassesTheVerifierAndCarriesTheIdentifier) {
  for (int seed = 0; seed < 20; ++seed) {
    const std::vector<std::uint8_t> file = SampledFile(seed);
    flatbuffers::Verifier verifier(file.data(), file.size());
    EXPECT_TRUE(schema::VerifyModelBuffer(verifier));
    EXPECT_EQ(std::string(file.begin() + 4, file.begin() + 8), "TFL3");
  }
}

TEST(WriteTflite, GivesTheSameBytesEveryTime) { EXPECT_EQ(SampledFile(3), SampledFile(3)); }

// FNV-1a: a change of any byte shows here, and must be meant.
std::uint64_t Fingerprint(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

graph::QuantizedModel TinyModel() {
  graph::GraphBuilder builder("tiny", {1, 4, 1, 2});
  const int conv = builder.Conv("conv", 0, 3, {2, 1, 1, 1}, graph::Activation::kRelu);
  const int pooled = builder.GlobalAverage("pool", conv);
  const int logits = builder.FullyConnected("logits", pooled, 2, graph::Activation::kNone);
  const graph::Graph graph = builder.Build(builder.Softmax("softmax", logits)).value();
  graph::FoldedWeights conv_weights = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {0.5f, 0.25f, 1}, {1, 2, 3}};
  graph::FoldedWeights logits_weights = {{-1, -2, -3, 4, 5, 6}, {0.125f}, {0, -1}};
  const std::vector<graph::Quantization> tensors(graph.tensors.size(), graph::Quantization{0.5f, -3});
  return graph::AssembleQuantizedModel(graph, tensors, {conv_weights, {}, {}, logits_weights, {}}).value();
}

TEST(WriteTflite, WritesTheBytesThatItAlwaysWrote) {
  const std::vector<std::uint8_t> file = WriteTflite(TinyModel()).value();
  EXPECT_EQ(file.size(), 1696u);
  EXPECT_EQ(Fingerprint(file), 14882305545116810723u);
}

TEST(WriteTflite, UsesTheOperatorVersionsThatRunInt8) {
  std::set<std::string> codes;
  for (int seed = 0; seed < 10; ++seed) {
    const std::vector<std::uint8_t> file = WriteTflite(RandomModel(RandomGraph(seed), seed)).value();
    for (const schema::OperatorCode* code : *schema::GetModel(file.data())->operator_codes()) {
      EXPECT_EQ(static_cast<int>(code->builtin_code()), code->deprecated_builtin_code());
      const std::string name = schema::EnumNameBuiltinOperator(code->builtin_code());
      codes.insert(name + " " + std::to_string(code->version()));
    }
  }
  EXPECT_THAT(codes, ElementsAre("ADD 2", "AVERAGE_POOL_2D 2", "CONCATENATION 2", "CONV_2D 3", "DEPTHWISE_CONV_2D 3",
                                 "FULLY_CONNECTED 4", "RESHAPE 1", "SOFTMAX 2"));
}

TEST(WriteTflite, AlignsBufferDataTo16BytesAndKeepsTheFirstEmpty) {
  const std::vector<std::uint8_t> file = SampledFile(1);
  const auto* buffers = schema::GetModel(file.data())->buffers();
  EXPECT_EQ(buffers->Get(0)->data(), nullptr);
  for (flatbuffers::uoffset_t i = 1; i < buffers->size(); ++i) {
    ASSERT_NE(buffers->Get(i)->data(), nullptr);
    EXPECT_EQ((buffers->Get(i)->data()->data() - file.data()) % 16, 0) << "buffer " << i;
  }
}

TEST(WriteTflite, LaysTensorsOutAsTheFormatDemands) {
  const graph::QuantizedModel model = RandomModel(RandomGraph(6), 6);
  const std::vector<std::uint8_t> file = WriteTflite(model).value();
  const schema::SubGraph* subgraph = schema::GetModel(file.data())->subgraphs()->Get(0);
  for (std::size_t i = 0; i < model.graph.ops.size(); ++i) {
    const graph::Op& op = model.graph.ops[i];
    if (!graph::HasWeights(op.type)) continue;
    const auto* inputs = subgraph->operators()->Get(i)->inputs();
    const schema::Tensor* weights = subgraph->tensors()->Get(inputs->Get(1));
    const schema::Tensor* bias = subgraph->tensors()->Get(inputs->Get(2));
    const auto* quantization = weights->quantization();
    EXPECT_EQ(quantization->quantized_dimension(), op.type == graph::OpType::kDepthwiseConv2D ? 3 : 0);
    EXPECT_EQ(quantization->scale()->size(), quantization->zero_point()->size());
    EXPECT_EQ(bias->type(), schema::TensorType::INT32);
    EXPECT_EQ(bias->quantization()->scale()->Get(0), model.tensors[op.inputs[0]].scale * quantization->scale()->Get(0));
  }
}

// Offsets of the fields in their vtables (4 + 2 * id), as every reader of the format expects them.
TEST(Schema, KeepsTheFormatsFieldIds) {
  EXPECT_EQ(+schema::Model::VT_VERSION, 4);
  EXPECT_EQ(+schema::Model::VT_OPERATOR_CODES, 6);
  EXPECT_EQ(+schema::Model::VT_SUBGRAPHS, 8);
  EXPECT_EQ(+schema::Model::VT_DESCRIPTION, 10);
  EXPECT_EQ(+schema::Model::VT_BUFFERS, 12);
  EXPECT_EQ(+schema::SubGraph::VT_TENSORS, 4);
  EXPECT_EQ(+schema::SubGraph::VT_OPERATORS, 10);
  EXPECT_EQ(+schema::SubGraph::VT_NAME, 12);
  EXPECT_EQ(+schema::Tensor::VT_SHAPE, 4);
  EXPECT_EQ(+schema::Tensor::VT_BUFFER, 8);
  EXPECT_EQ(+schema::Tensor::VT_QUANTIZATION, 12);
  EXPECT_EQ(+schema::QuantizationParameters::VT_SCALE, 8);
  EXPECT_EQ(+schema::QuantizationParameters::VT_ZERO_POINT, 10);
  EXPECT_EQ(+schema::QuantizationParameters::VT_QUANTIZED_DIMENSION, 16);
  EXPECT_EQ(+schema::Operator::VT_BUILTIN_OPTIONS_TYPE, 10);
  EXPECT_EQ(+schema::Operator::VT_BUILTIN_OPTIONS, 12);
  EXPECT_EQ(+schema::OperatorCode::VT_VERSION, 8);
  EXPECT_EQ(+schema::OperatorCode::VT_BUILTIN_CODE, 10);
  EXPECT_EQ(+schema::Conv2DOptions::VT_FUSED_ACTIVATION_FUNCTION, 10);
  EXPECT_EQ(+schema::DepthwiseConv2DOptions::VT_DEPTH_MULTIPLIER, 10);
  EXPECT_EQ(+schema::Pool2DOptions::VT_FILTER_WIDTH, 10);
  EXPECT_EQ(+schema::Pool2DOptions::VT_FUSED_ACTIVATION_FUNCTION, 14);
  EXPECT_EQ(+schema::ConcatenationOptions::VT_AXIS, 4);
  EXPECT_EQ(static_cast<int>(schema::BuiltinOptions::Pool2DOptions), 5);
  EXPECT_EQ(static_cast<int>(schema::BuiltinOptions::ConcatenationOptions), 10);
  EXPECT_EQ(static_cast<int>(schema::BuiltinOptions::ReshapeOptions), 17);
}

TEST(TfliteFileSize, IsKnownBeforeTraining) {
  for (int seed = 0; seed < 30; ++seed) {
    const graph::Graph graph = seed % 2 == 0 ? SampledGraph(seed) : RandomGraph(seed);
    const std::vector<std::uint8_t> file = WriteTflite(RandomModel(graph, seed)).value();
    EXPECT_EQ(TfliteFileSize(graph).value(), static_cast<std::int64_t>(file.size()));
  }
}

class SizeLaw : public ::testing::TestWithParam<const char*> {};

TEST_P(SizeLaw, HoldsForTheNetworksOfASpace) {
  for (int seed = 0; seed < 50; ++seed) {
    const graph::Graph graph = SampledGraph(seed, GetParam());
    const auto law = static_cast<double>(graph::TfliteSizeLaw(graph));
    const auto size = static_cast<double>(TfliteFileSize(graph).value());
    EXPECT_NEAR(size / law, 1, 0.02) << "seed " << seed << ": " << size << " bytes";
  }
}

INSTANTIATE_TEST_SUITE_P(Spaces, SizeLaw,
                         ::testing::Values("keywords-small", "energy-audio-2d", "energy-audio-1d", "energy-audio-49"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(TfliteFileSize, IsAtMost60KilobytesForMostOfKeywordsSmall) {
  constexpr int kNetworks = 400;
  int small = 0;
  for (int seed = 0; seed < kNetworks; ++seed) {
    const std::int64_t size = TfliteFileSize(SampledGraph(seed)).value();
    if (size <= 60000) ++small;
  }
  RecordProperty("small", small);
  EXPECT_GT(small, kNetworks * 3 / 4);
  EXPECT_LT(small, kNetworks);  // else the size would not matter to a search
}

TEST(TfliteFileSize, OfBaselinesIsWithin3PercentOfTheLaw) {
  for (const std::string& name : graph::BaselineNames()) {
    const graph::Graph graph = graph::BuildGraph(graph::Baseline(name).value()).value();
    const auto law = static_cast<double>(graph::TfliteSizeLaw(graph));
    EXPECT_NEAR(static_cast<double>(TfliteFileSize(graph).value()) / law, 1, 0.03) << name;
  }
}

// The converter's own files of the same networks have 3422.62, 2717.83, 78.69 and 331.06 kB [arXiv 2202.05397, table
// 2]; they carry longer names and other metadata.
TEST(TfliteFileSize, IsCloseToThePublishedSizesOfBaselines) {
  const auto kilobytes = [](const char* name) {
    const graph::Graph graph = graph::BuildGraph(graph::Baseline(name).value()).value();
    return static_cast<double>(TfliteFileSize(graph).value()) / 1000;
  };
  EXPECT_NEAR(kilobytes("mobilenet_v1") / 3422.62, 1, 0.005);
  EXPECT_NEAR(kilobytes("mobilenet_v2") / 2717.83, 1, 0.005);
  EXPECT_NEAR(kilobytes("tc_resnet8_1.0") / 78.69, 1, 0.01);
  EXPECT_NEAR(kilobytes("tc_resnet14_1.5") / 331.06, 1, 0.01);
}

TEST(WriteTflite, RefusesAnInvalidModel) {
  graph::QuantizedModel model = TinyModel();
  model.weights[0].bias.pop_back();
  EXPECT_THAT(WriteTflite(model).error().message, HasSubstr("op 'conv': has the wrong number of biases"));
}

}  // namespace
}  // namespace photinus::tflite
