#include "worker/xnnpack/fastest_runner.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/tflite/random_model.h"

namespace photinus::xnnpack {
namespace {

using ::testing::HasSubstr;

// Errs in one value.
class WrongRunner : public tflite::Runner {
 public:
  explicit WrongRunner(tflite::Runner& right) : right_(right) {}

  const char* Name() const override { return "wrong"; }
  const graph::QuantizedModel& Model() const override { return right_.Model(); }
  Result<std::vector<std::int8_t>> Run(std::span<const std::int8_t> inputs) override {
    PHOTINUS_ASSIGN_OR_RETURN(std::vector<std::int8_t> outputs, right_.Run(inputs));
    outputs.back() ^= 1;
    return outputs;
  }
  std::span<const std::int8_t> TensorValues(int index) const override { return right_.TensorValues(index); }

 private:
  tflite::Runner& right_;
};

TEST(FastestRunner, IsXnnpackAndEqualsTheInterpreter) {
  const graph::QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(3), 3);
  const auto runner = NewFastestRunner(model, 2).value();
  EXPECT_STREQ(runner->Name(), "xnnpack");
  const graph::Dims& input = model.graph.tensors[model.graph.input].dims;
  const std::vector<std::int8_t> inputs = tflite::RandomInput(5 * graph::ElementCount(input), 1);
  EXPECT_TRUE(CheckAgainstInterpreter(*runner, inputs).ok());
  WrongRunner wrong(*runner);
  const Result<void> checked = CheckAgainstInterpreter(wrong, inputs);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(checked.error().message, HasSubstr("wrong computes other values"));
}

TEST(FastestRunner, RefusesAnInvalidModel) {
  graph::QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(3), 3);
  model.tensors.pop_back();
  EXPECT_EQ(NewFastestRunner(model, 1).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace photinus::xnnpack
