#include "worker/train/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "worker/base/file.h"
#include "worker/data/random.h"
#include "worker/graph/architecture.h"
#include "worker/tflite/interpreter.h"
#include "worker/tflite/writer.h"

namespace photinus::train {
namespace {

using data::DataSet;
using data::Split;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A task that a small network learns in a second: class k has a band of energy around bin 3k + 2, in noise.
DataSet ToyData() {
  data::Random random(1);
  data::Features features;
  features.key = std::string(64, '0');
  features.frames = 49;
  features.bins = 40;
  features.counts = {480, 120, 120};
  features.means.assign(40, 0.0f);
  features.deviations.assign(40, 1.0f);
  for (int clip = 0; clip < 720; ++clip) {
    const int label = clip % 12;
    features.labels.push_back(label);
    for (int i = 0; i < 49 * 40; ++i) {
      const bool band = std::abs(i % 40 - (3 * label + 2)) <= 1;
      features.values.push_back(static_cast<float>(random.Normal() + (band ? 1 : 0)));
    }
  }
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("photinus_toy_" + std::to_string(::getpid()));
  EXPECT_TRUE(data::WriteFeatureFile(path, features).ok());
  DataSet data = DataSet::FromFile(path, features.key, data::FindTask("smoke").value()).value();
  std::filesystem::remove(path);  // the mapping keeps its content
  return data;
}

graph::Graph SmallGraph() {
  graph::Architecture architecture;
  architecture.blocks = {{graph::BlockType::kTemporal, 12, 3, 1},
                         {graph::BlockType::kResidual, 12, 3, 2},
                         {graph::BlockType::kSeparable, 16, 3, 2}};
  return graph::BuildGraph(architecture).value();
}

// On which device the tests train: PHOTINUS_TEST_DEVICE, such as cuda:0.
std::string TestDevice() {
  const char* device = std::getenv("PHOTINUS_TEST_DEVICE");
  return device == nullptr || *device == '\0' ? "cpu" : device;
}

TrainOptions ToyOptions() {
  TrainOptions options;
  options.device = TestDevice();
  options.epochs = 6;
  options.learning_rate = 0.02;
  options.augmentation = {};
  return options;
}

Result<TrainedNetwork> TrainToy(const TrainOptions& options, int stop_after = std::numeric_limits<int>::max()) {
  int asked = 0;
  return Train(SmallGraph(), ToyData(), options, nullptr, [&] { return asked++ >= stop_after; });
}

std::vector<int> InterpreterPredictions(const graph::QuantizedModel& model, const DataSet& data) {
  tflite::Interpreter interpreter =
      tflite::Interpreter::FromFile(tflite::WriteTflite(model).value(), tflite::Rounding::kXnn).value();
  const int logits = model.graph.ops.back().inputs[0];
  std::vector<int8_t> input(49 * 40);
  std::vector<int> predictions;
  for (size_t i = 0; i < data.Size(Split::kValidation); ++i) {
    tflite::QuantizeInput(data.Clip(Split::kValidation, i), interpreter.InputQuantization(), input.data());
    EXPECT_TRUE(interpreter.Run(input).ok());
    predictions.push_back(tflite::Argmax(interpreter.TensorValues(logits)));
  }
  return predictions;
}

TEST(Train, LearnsAndTheIntegersKeepWhatWasLearned) {
  const DataSet data = ToyData();
  std::vector<int> steps;
  const Result<TrainedNetwork> trained = Train(
      SmallGraph(), data, ToyOptions(), [&](const Evaluation& evaluation) { steps.push_back(evaluation.step); },
      nullptr);
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  EXPECT_EQ(steps, (std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  EXPECT_GT(trained->float_accuracy, 0.9);
  EXPECT_NEAR(trained->simulated_accuracy, trained->float_accuracy, 0.02);
  EXPECT_LT(trained->curve.back().train_loss, trained->curve.front().train_loss);
  EXPECT_FALSE(trained->curve[6].fake_quantized);
  EXPECT_TRUE(trained->curve[8].fake_quantized);
  const std::vector<int> integers = InterpreterPredictions(trained->model, data);
  int agreeing = 0;
  for (size_t i = 0; i < integers.size(); ++i) agreeing += integers[i] == trained->predictions[i] ? 1 : 0;
  EXPECT_GE(agreeing, 119) << "of 120";
}

TEST(Train, IsReplayable) {
  const Result<TrainedNetwork> a = TrainToy(ToyOptions()), b = TrainToy(ToyOptions());
  TrainOptions other = ToyOptions();
  other.seed = 2;
  const Result<TrainedNetwork> c = TrainToy(other);
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  EXPECT_EQ(a->model, b->model);
  EXPECT_FALSE(a->model == c->model);
  for (size_t i = 0; i < a->curve.size(); ++i) EXPECT_EQ(a->curve[i].train_loss, b->curve[i].train_loss);
}

// Trainings with a checkpoint in a folder of their own.
class Resume : public ::testing::Test {
 protected:
  Resume() {
    options_ = ToyOptions();  // 90 batches, 15 an epoch
    options_.checkpoint.path = folder_ / "state";
    options_.checkpoint.identity = "trial 3";
    options_.checkpoint.warn = [this](const std::string& fault) { warnings_.push_back(fault); };
  }
  ~Resume() override { std::filesystem::remove_all(folder_); }

  // What a process leaves that is killed when it has reported this step.
  void TrainUntilKilledAt(int step) const {
    std::string left;
    const auto report = [&](const Evaluation& evaluation) {
      if (evaluation.step == step) left = ReadFile(options_.checkpoint.path).value();
    };
    ASSERT_TRUE(Train(SmallGraph(), data_, options_, report, nullptr).ok());
    ASSERT_TRUE(WriteFile(options_.checkpoint.path, left).ok());
  }
  Result<TrainedNetwork> Run() {
    steps_.clear();
    return Train(
        SmallGraph(), data_, options_, [&](const Evaluation& evaluation) { steps_.push_back(evaluation.step); },
        nullptr);
  }
  void ExpectTheUninterruptedResult(const TrainedNetwork& trained) const {
    const Result<TrainedNetwork> whole = TrainToy(ToyOptions());
    EXPECT_EQ(trained.model, whole->model);
    EXPECT_EQ(trained.simulated_accuracy, whole->simulated_accuracy);
    EXPECT_EQ(trained.predictions, whole->predictions);
    ASSERT_EQ(trained.curve.size(), whole->curve.size());
    for (size_t i = 0; i < trained.curve.size(); ++i) {
      EXPECT_EQ(trained.curve[i].train_loss, whole->curve[i].train_loss) << i;
      EXPECT_EQ(trained.curve[i].accuracy, whole->curve[i].accuracy) << i;
      EXPECT_EQ(steps_[i], static_cast<int>(i) + 1);
    }
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("photinus_resume_" + std::to_string(::getpid()));
  const DataSet data_ = ToyData();
  TrainOptions options_;
  std::vector<std::string> warnings_;
  std::vector<int> steps_;
};

struct Interruption {
  const char* name;
  int step;
  double epochs;  // in the checkpoint
};

class ResumeTest : public Resume, public ::testing::WithParamInterface<Interruption> {};

TEST_P(ResumeTest, GoesOnToTheSameBitsAndReportsEachStepOnce) {
  TrainUntilKilledAt(GetParam().step);
  const Result<TrainedNetwork> trained = Run();
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  EXPECT_EQ(trained->resumed_at, GetParam().epochs);
  ExpectTheUninterruptedResult(*trained);
  EXPECT_TRUE(warnings_.empty());
}

INSTANTIATE_TEST_SUITE_P(Moments, ResumeTest,
                         ::testing::Values(Interruption{"InFloatTraining", 5, 2}, Interruption{"WhileObserving", 9, 4},
                                           Interruption{"WithFrozenStatistics", 11, 5}),
                         [](const auto& info) { return info.param.name; });

TEST_F(Resume, GoesOnWhereATrainingWasStopped) {
  int asked = 0;
  const Result<TrainedNetwork> stopped = Train(SmallGraph(), data_, options_, nullptr, [&] { return asked++ >= 37; });
  ASSERT_TRUE(stopped.ok() && stopped->stopped);
  options_.threads = 1;
  const Result<TrainedNetwork> trained = Run();
  EXPECT_EQ(trained->resumed_at, 37 / 15.0);
  ExpectTheUninterruptedResult(*trained);
}

TEST_F(Resume, IsTheSameWithAThreadThatMakesBatches) {
  TrainUntilKilledAt(5);
  options_.threads = 2;
  ExpectTheUninterruptedResult(*Run());
}

TEST_F(Resume, PassesOverWhatIsOfAnotherTraining) {
  TrainUntilKilledAt(5);
  const std::string left = ReadFile(options_.checkpoint.path).value();
  const TrainOptions options = options_;
  const std::vector<std::function<void()>> changes = {[&] { options_.checkpoint.identity = "trial 4"; },
                                                      [&] { options_.seed = 2; },
                                                      [&] { options_.epochs = 5; },
                                                      [&] { options_.learning_rate = 0.021; },
                                                      [&] { options_.augmentation.noise = 0.5; },
                                                      [&] { options_.evaluations = 11; }};
  for (size_t i = 0; i < changes.size(); ++i) {
    ASSERT_TRUE(WriteFile(options.checkpoint.path, left).ok());
    options_ = options;
    changes[i]();
    warnings_.clear();
    EXPECT_EQ(Train(SmallGraph(), data_, options_, nullptr, [] { return true; })->resumed_at, 0) << i;
    EXPECT_THAT(warnings_, ::testing::ElementsAre(HasSubstr("is of another training"))) << i;
  }
}

TEST_F(Resume, StartsAnewFromADamagedFile) {
  TrainUntilKilledAt(5);
  std::string bytes = ReadFile(options_.checkpoint.path).value();
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(WriteFile(options_.checkpoint.path, bytes).ok());
  const Result<TrainedNetwork> trained = Run();
  EXPECT_EQ(trained->resumed_at, 0);
  ExpectTheUninterruptedResult(*trained);
  EXPECT_THAT(warnings_, ::testing::ElementsAre(HasSubstr("was altered")));
}

TEST_F(Resume, DoesWithoutWhereNothingCanBeWritten) {
  ASSERT_TRUE(WriteFile(std::filesystem::temp_directory_path() / folder_.filename(), "a file").ok());
  ExpectTheUninterruptedResult(*Run());
  EXPECT_THAT(warnings_, ::testing::ElementsAre(HasSubstr(folder_.string())));
}

TEST(Train, ReportsEveryStepEvenInFewerBatches) {
  TrainOptions options = ToyOptions();
  options.epochs = 0.25;  // 4 batches
  const Result<TrainedNetwork> trained = TrainToy(options);
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  EXPECT_EQ(trained->curve.size(), 12u);
}

struct StopCase {
  const char* name;
  int batches;
};

class StopTest : public ::testing::TestWithParam<StopCase> {};

TEST_P(StopTest, QuantizesWhatWasLearnedSoFar) {
  const Result<TrainedNetwork> trained = TrainToy(ToyOptions(), GetParam().batches);  // of 90
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  EXPECT_TRUE(trained->stopped);
  EXPECT_EQ(trained->curve.size(), static_cast<size_t>(GetParam().batches * 12 / 90));
  EXPECT_NEAR(trained->simulated_accuracy, trained->float_accuracy, 0.05);
}

INSTANTIATE_TEST_SUITE_P(Moments, StopTest,
                         ::testing::Values(StopCase{"BeforeTheFirstBatch", 0}, StopCase{"InFloatTraining", 45},
                                           StopCase{"InQuantizedTraining", 70}),
                         [](const auto& info) { return info.param.name; });

TEST(Train, CallsALossThatIsNotFiniteADivergence) {
  TrainOptions options = ToyOptions();
  options.learning_rate = 1e30;
  const Result<TrainedNetwork> trained = TrainToy(options);
  ASSERT_FALSE(trained.ok());
  EXPECT_EQ(trained.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(trained.error().message, StartsWith("diverged: "));
}

TEST(Train, RefusesANetworkThatDoesNotFitTheData) {
  graph::Architecture architecture;
  architecture.height = 98;
  architecture.blocks = {{graph::BlockType::kTemporal, 8, 3, 2}};
  const Result<TrainedNetwork> trained =
      Train(graph::BuildGraph(architecture).value(), ToyData(), ToyOptions(), nullptr, nullptr);
  ASSERT_FALSE(trained.ok());
  EXPECT_THAT(trained.error().message, HasSubstr("input must be 49 x 40 x 1"));
  architecture.height = 49;
  architecture.classes = 5;
  const Result<TrainedNetwork> classes =
      Train(graph::BuildGraph(architecture).value(), ToyData(), ToyOptions(), nullptr, nullptr);
  ASSERT_FALSE(classes.ok());
  EXPECT_THAT(classes.error().message, HasSubstr("must have 12 classes"));
}

TEST(Train, NamesADeviceThatIsNotThere) {
  TrainOptions options = ToyOptions();
  options.device = "tpu";
  EXPECT_THAT(TrainToy(options).error().message, HasSubstr("unknown device \"tpu\""));
  options.device = "cuda:99";
  const Result<TrainedNetwork> trained = TrainToy(options);
  ASSERT_FALSE(trained.ok());
  EXPECT_EQ(trained.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(trained.error().message, HasSubstr("cuda:99"));
}

TEST(QuantizeUntrained, IsReplayableAndUsesTheWholeRangeOfActivations) {
  const graph::QuantizedModel a = QuantizeUntrained(SmallGraph(), 7).value();
  EXPECT_EQ(a, QuantizeUntrained(SmallGraph(), 7).value());
  EXPECT_FALSE(a == QuantizeUntrained(SmallGraph(), 8).value());
  tflite::Interpreter interpreter =
      tflite::Interpreter::FromFile(tflite::WriteTflite(a).value(), tflite::Rounding::kXnn).value();
  data::Random random(1);
  std::vector<int8_t> input(49 * 40);
  for (int8_t& value : input) value = static_cast<int8_t>(static_cast<int>(random.Below(256)) - 128);
  ASSERT_TRUE(interpreter.Run(input).ok());
  for (const graph::Op& op : a.graph.ops) {
    const auto values = interpreter.TensorValues(op.output);
    EXPECT_GT(std::set<int8_t>(values.begin(), values.end()).size(), 4u) << op.name;
  }
}

}  // namespace
}  // namespace photinus::train
