#include "worker/tflite/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>

#include "common/spaces/split_mix.h"
#include "worker/graph/counters.h"
#include "worker/tflite/interpreter.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/schema_generated.h"
#include "worker/tflite/writer.h"

namespace photinus::tflite {
namespace {

using ::testing::HasSubstr;

TEST(ReadTflite, GivesBackWhatWasWritten) {
  for (int seed = 0; seed < 50; ++seed) {
    const graph::QuantizedModel model = RandomModel(RandomGraph(seed), seed);
    const Result<graph::QuantizedModel> read = ReadTflite(WriteTflite(model).value());
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, model) << "seed " << seed;
  }
}

std::vector<std::uint8_t> SomeFile() { return WriteTflite(RandomModel(RandomGraph(6), 6)).value(); }

// Reads a damaged file and, if it still is one, runs it: whatever happens, nothing may crash.
void ReadAndRun(const std::vector<std::uint8_t>& bytes, int& readable) {
  Result<Interpreter> interpreter = Interpreter::FromFile(bytes, Rounding::kXnn);
  if (!interpreter.ok()) {
    EXPECT_FALSE(interpreter.error().message.empty());
    return;
  }
  ++readable;
  if (graph::Macs(interpreter->Model().graph) > 100'000'000) return;
  const std::vector<std::int8_t> input(interpreter->InputSize(), 5);
  EXPECT_TRUE(interpreter->Run(input).ok());
}

TEST(ReadTflite, RefusesEveryTruncatedFile) {
  const std::vector<std::uint8_t> file = SomeFile();
  for (std::size_t size = 0; size < file.size(); size += size < 64 ? 1 : 37) {
    const Result<graph::QuantizedModel> read = ReadTflite({file.begin(), file.begin() + size});
    ASSERT_FALSE(read.ok()) << size << " of " << file.size() << " bytes";
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(ReadTflite, SurvivesDamagedBytes) {
  const std::vector<std::uint8_t> file = SomeFile();
  int readable = 0;
  for (int seed = 0; seed < 3000; ++seed) {
    spaces::SplitMix64 random(seed);
    std::vector<std::uint8_t> damaged = file;
    const int changes = 1 + static_cast<int>(random.Below(4));
    for (int i = 0; i < changes; ++i) {
      // The tables stand at both ends; the weights between them only change numbers.
      damaged[random.Below(static_cast<std::uint32_t>(damaged.size()))] = static_cast<std::uint8_t>(random.Below(256));
    }
    ReadAndRun(damaged, readable);
  }
  EXPECT_GT(readable, 100);  // else the damage never got past the verifier
  EXPECT_LT(readable, 2900);
}

TEST(ReadTflite, SurvivesDamagedTables) {
  const std::vector<std::uint8_t> file = SomeFile();
  int readable = 0;
  for (std::size_t i = 0; i + 4 <= std::min<std::size_t>(file.size(), 6000); i += 4) {
    for (const std::uint32_t value : {0u, 1u, 0x7fffffffu, 0xffffffffu, 0x10000u}) {
      std::vector<std::uint8_t> damaged = file;
      std::memcpy(damaged.data() + i, &value, sizeof(value));
      ReadAndRun(damaged, readable);
    }
  }
  EXPECT_GT(readable, 100);
}

// Intact flatbuffers that no reader should believe.
struct WrongFile {
  const char* name;
  std::function<void(schema::ModelT&)> change;
  const char* message;
};

// RandomGraph(6): op 0 is the convolution "first"; a concatenation is among the others.
schema::OperatorT& Concatenation(schema::ModelT& file) {
  auto& operators = file.subgraphs[0]->operators;
  const auto found = std::find_if(operators.begin(), operators.end(), [](const auto& op) {
    return op->builtin_options.AsConcatenationOptions() != nullptr;
  });
  return **found;
}
schema::ConcatenationOptionsT& ConcatenationOptions(schema::ModelT& file) {
  return *Concatenation(file).builtin_options.AsConcatenationOptions();
}
schema::OperatorT& FirstConv(schema::ModelT& file) { return *file.subgraphs[0]->operators[0]; }
schema::TensorT& TensorOf(schema::ModelT& file, int index) { return *file.subgraphs[0]->tensors[index]; }
schema::TensorT& ConvWeights(schema::ModelT& file) { return TensorOf(file, FirstConv(file).inputs[1]); }
schema::TensorT& ConvBias(schema::ModelT& file) { return TensorOf(file, FirstConv(file).inputs[2]); }
schema::Conv2DOptionsT& ConvOptions(schema::ModelT& file) { return *FirstConv(file).builtin_options.AsConv2DOptions(); }

class ReadTfliteRefuses : public ::testing::TestWithParam<WrongFile> {};

TEST_P(ReadTfliteRefuses, AndSaysWhy) {
  const std::vector<std::uint8_t> bytes = SomeFile();
  const std::unique_ptr<schema::ModelT> file = schema::UnPackModel(bytes.data());
  GetParam().change(*file);
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishModelBuffer(builder, schema::Model::Pack(builder, file.get()));
  const Result<graph::QuantizedModel> read =
      ReadTflite({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(read.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReadTfliteRefuses,
    ::testing::Values(
        WrongFile{"OldVersion", [](auto& f) { f.version = 2; }, "schema version 2"},
        WrongFile{"NoSubgraph", [](auto& f) { f.subgraphs.clear(); }, "one subgraph"},
        WrongFile{"TwoInputs", [](auto& f) { f.subgraphs[0]->inputs.push_back(1); }, "one input and one output"},
        WrongFile{"NoOperators", [](auto& f) { f.subgraphs[0]->operators.clear(); }, "it is empty"},
        WrongFile{"InputDoesNotExist", [](auto& f) { f.subgraphs[0]->inputs[0] = 999; }, "tensor 999 does not exist"},
        WrongFile{"NegativeInput", [](auto& f) { FirstConv(f).inputs[0] = -1; }, "tensor -1 does not exist"},
        WrongFile{"OperatorCodeDoesNotExist", [](auto& f) { FirstConv(f).opcode_index = 77; }, "operator code"},
        WrongFile{"UnknownOperator",
                  [](auto& f) { f.operator_codes[0]->builtin_code = static_cast<schema::BuiltinOperator>(40); },
                  "code 40, which is not supported; supported: ADD"},
        WrongFile{"NoOutputs", [](auto& f) { FirstConv(f).outputs.clear(); }, "missing inputs or outputs"},
        WrongFile{"FloatInput", [](auto& f) { TensorOf(f, 0).type = schema::TensorType::FLOAT32; }, "must be int8"},
        WrongFile{"NoQuantization", [](auto& f) { TensorOf(f, 0).quantization = nullptr; }, "one scale"},
        WrongFile{"ZeroPointOutOfRange", [](auto& f) { TensorOf(f, 0).quantization->zero_point[0] = 400; },
                  "zero point"},
        WrongFile{"ZeroScale", [](auto& f) { TensorOf(f, 1).quantization->scale[0] = 0; }, "scale is not positive"},
        WrongFile{"NoShape", [](auto& f) { TensorOf(f, 0).shape.clear(); }, "has no shape"},
        WrongFile{"Batch2", [](auto& f) { TensorOf(f, 0).shape[0] = 2; }, "must be [1, h, w, c]"},
        WrongFile{"NegativeShape", [](auto& f) { TensorOf(f, 0).shape[1] = -4; }, "empty or too large"},
        WrongFile{"WrongOutputShape", [](auto& f) { TensorOf(f, 1).shape[1] += 1; }, "should be ["},
        WrongFile{"NoOptions", [](auto& f) { FirstConv(f).builtin_options.Reset(); }, "has no options"},
        WrongFile{"Dilated", [](auto& f) { ConvOptions(f).dilation_h_factor = 2; }, "dilated"},
        WrongFile{"ZeroStride", [](auto& f) { ConvOptions(f).stride_h = 0; }, "kernel and stride"},
        WrongFile{
            "UnknownActivation",
            [](auto& f) { ConvOptions(f).fused_activation_function = static_cast<schema::ActivationFunctionType>(4); },
            "activation function 4"},
        WrongFile{"UnknownPadding", [](auto& f) { ConvOptions(f).padding = static_cast<schema::Padding>(5); },
                  "unknown padding"},
        WrongFile{"ConcatenatedHeight", [](auto& f) { ConcatenationOptions(f).axis = 1; },
                  "must join channels, axis 3"},
        WrongFile{
            "ConcatenatedActivation",
            [](auto& f) { ConcatenationOptions(f).fused_activation_function = schema::ActivationFunctionType::RELU; },
            "with an activation function is not supported"},
        WrongFile{"ConcatenationOfNone", [](auto& f) { Concatenation(f).inputs.clear(); }, "missing inputs or outputs"},
        WrongFile{"ConcatenationOfOne", [](auto& f) { Concatenation(f).inputs.pop_back(); }, "needs 2..256 inputs"},
        WrongFile{"ConcatenationRescales",
                  [](auto& f) { TensorOf(f, Concatenation(f).outputs[0]).quantization->scale[0] *= 2; },
                  "must have the quantization of"},
        WrongFile{"NoWeights", [](auto& f) { FirstConv(f).inputs.resize(1); }, "has no weights"},
        WrongFile{"WeightsOfWrongType", [](auto& f) { ConvWeights(f).type = schema::TensorType::UINT8; }, "int8"},
        WrongFile{"WeightsOfWrongRank", [](auto& f) { ConvWeights(f).shape.pop_back(); }, "shape is wrong"},
        WrongFile{"WeightsTooFew", [](auto& f) { f.buffers[ConvWeights(f).buffer]->data.pop_back(); },
                  "a buffer is missing or has not"},
        WrongFile{"WeightsWithoutBuffer", [](auto& f) { ConvWeights(f).buffer = 999; }, "a buffer is missing"},
        WrongFile{"WeightsWithoutScale", [](auto& f) { ConvWeights(f).quantization->scale.clear(); }, "have no scale"},
        WrongFile{"WeightsWithZeroPoint", [](auto& f) { ConvWeights(f).quantization->zero_point[0] = 3; },
                  "zero point must be 0"},
        WrongFile{"ScalesOnTheWrongAxis", [](auto& f) { ConvWeights(f).quantization->quantized_dimension = 3; },
                  "wrong axis"},
        WrongFile{"BiasOfWrongType", [](auto& f) { ConvBias(f).type = schema::TensorType::INT64; }, "must be int32"},
        WrongFile{"BiasScale", [](auto& f) { ConvBias(f).quantization->scale[0] *= 2; }, "bias' scale"},
        WrongFile{"WritesTwice", [](auto& f) { f.subgraphs[0]->operators[1]->outputs[0] = 1; }, "written already"},
        WrongFile{"ReadsLater", [](auto& f) { std::swap(f.subgraphs[0]->operators[0], f.subgraphs[0]->operators[1]); },
                  "no earlier op writes"}),
    [](const auto& info) { return info.param.name; });

TEST(ReadTflite, TakesNamelessTensorsAndAMissingBias) {
  const std::vector<std::uint8_t> bytes = SomeFile();
  const std::unique_ptr<schema::ModelT> file = schema::UnPackModel(bytes.data());
  for (auto& tensor : file->subgraphs[0]->tensors) tensor->name.clear();
  FirstConv(*file).inputs[2] = -1;
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishModelBuffer(builder, schema::Model::Pack(builder, file.get()));
  const Result<graph::QuantizedModel> read =
      ReadTflite({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->graph.ops[0].name, "op0");
  EXPECT_THAT(read->weights[0].bias, ::testing::Each(0));
}

}  // namespace
}  // namespace photinus::tflite
