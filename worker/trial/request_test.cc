#include "worker/trial/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "worker/trial/reporter.h"

namespace photinus::trial {
namespace {

using ::testing::HasSubstr;

TEST(ParseRequest, ReadsEveryMember) {
  const Result<Request> request = ParseRequest(
      R"({"trial":"owners/a/studies/s/trials/3","attempt":2,"parameters":{"lr":0.01,"block1":"conv","n":24,"x":24.5},
          "task":"smoke","space":"keywords-small","epochs":2.5,"evaluations":20,"seed":18446744073709551615,
          "device":"cuda:1","threads":4,"energy":"phone","monitor":["/opt/monitor","-c"],"data_dir":"/data","work_dir":"/work","unknown":{"passed":"over"}})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->trial, "owners/a/studies/s/trials/3");
  EXPECT_EQ(request->attempt, 2);
  EXPECT_EQ(std::get<std::string>(request->parameters.at("block1")), "conv");
  EXPECT_EQ(std::get<int64_t>(request->parameters.at("n")), 24);
  EXPECT_EQ(std::get<double>(request->parameters.at("x")), 24.5);
  EXPECT_EQ(request->task, "smoke");
  EXPECT_EQ(request->epochs, 2.5);
  EXPECT_EQ(request->evaluations, 20);
  EXPECT_EQ(request->seed, 18446744073709551615u);
  EXPECT_EQ(request->device, "cuda:1");
  EXPECT_EQ(request->threads, 4);
  EXPECT_EQ(request->energy, "phone");
  EXPECT_EQ(request->monitor, (std::vector<std::string>{"/opt/monitor", "-c"}));
  EXPECT_EQ(request->data_dir, "/data");
  EXPECT_EQ(request->work_dir, "/work");
  EXPECT_EQ(request->LearningRate(0.5).value(), 0.01);
  EXPECT_FALSE(request->architecture.has_value());
}

TEST(ParseRequest, FillsInDefaults) {
  const Result<Request> request =
      ParseRequest(R"({"data_dir":"/d","work_dir":"/w","architecture":{"blocks":[]},"seed":-1})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->task, "keywords");
  EXPECT_EQ(request->evaluations, 12);
  EXPECT_EQ(request->threads, 1);
  EXPECT_EQ(request->seed, UINT64_MAX);
  EXPECT_EQ(*request->architecture, R"({"blocks":[]})");
  EXPECT_EQ(request->LearningRate(0.5).value(), 0.5);
}

TEST(ParseRequest, SaysWhatToLearnFrom) {
  const Result<Request> request = ParseRequest(
      R"({"data_dir":"/d","work_dir":"/w","space":"energy-audio-49","task":"audioset","folder":"/srv/audioset",
          "features":"mfcc","augmentation":{"time_shift":5,"time_mask":24,"time_masks":2,"noise":0.8,"max_snr_db":30}})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->folder, "/srv/audioset");
  EXPECT_EQ(request->features, data::FeatureKind::kMfcc);
  EXPECT_EQ(request->augmentation.max_time_shift, 5);
  EXPECT_EQ(request->augmentation.max_frequency_shift, 0);
  EXPECT_EQ(request->augmentation.max_time_mask, 24);
  EXPECT_EQ(request->augmentation.time_masks, 2);
  EXPECT_EQ(request->augmentation.noise, 0.8);
  EXPECT_EQ(request->augmentation.min_snr_db, 10);
  EXPECT_EQ(request->augmentation.max_snr_db, 30);
}

TEST(ParseRequest, KnowsWhereToGoOnAndWhatABaselineTakes) {
  const Result<Request> request = ParseRequest(
      R"({"data_dir":"/d","work_dir":"/w","checkpoint_dir":"/c","architecture":{"baseline":"mobilenet_v2"},
          "input":{"height":49,"width":40}})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->checkpoint_dir, "/c");
  EXPECT_EQ(request->input->height, 49);
  EXPECT_EQ(request->input->width, 40);
  EXPECT_FALSE(ParseRequest(R"({"data_dir":"/d","work_dir":"/w","space":"s"})")->input.has_value());
}

TEST(ParseRequest, ShiftsNoFrequenciesOfMfccs) {
  const auto shift = [](const char* features) {
    const std::string line =
        std::string(R"({"data_dir":"/d","work_dir":"/w","space":"s","features":")") + features + "\"}";
    return ParseRequest(line).value().augmentation.max_frequency_shift;
  };
  EXPECT_EQ(shift("log-mel"), 1);
  EXPECT_EQ(shift("mfcc"), 0);
}

struct BadCase {
  const char* name;
  const char* line;
  const char* message;
};

class BadRequestTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadRequestTest, IsRefusedWithTheMembersName) {
  const Result<Request> request = ParseRequest(GetParam().line);
  ASSERT_FALSE(request.ok());
  EXPECT_EQ(request.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(request.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadRequestTest,
    ::testing::Values(
        BadCase{"Empty", "", "one JSON object on one line"}, BadCase{"NoJson", "{\"a\":", "one JSON object"},
        BadCase{"AList", "[1]", "one JSON object"},
        BadCase{"NoDataFolder", R"({"work_dir":"/w","space":"s"})", "\"data_dir\" must be an absolute path"},
        BadCase{"RelativeFolder", R"({"data_dir":"d","work_dir":"/w","space":"s"})",
                "\"data_dir\" must be an absolute"},
        BadCase{"NoNetwork", R"({"data_dir":"/d","work_dir":"/w"})", "\"space\" or \"architecture\" is needed"},
        BadCase{"TextForNumber", R"({"data_dir":"/d","work_dir":"/w","space":"s","epochs":"8"})", "\"epochs\" must be"},
        BadCase{"NoEpochs", R"({"data_dir":"/d","work_dir":"/w","space":"s","epochs":0})", "\"epochs\" must be"},
        BadCase{"HalfAnEvaluation", R"({"data_dir":"/d","work_dir":"/w","space":"s","evaluations":1.5})",
                "\"evaluations\" must be a whole number in 1..10000"},
        BadCase{"TooManyEvaluations", R"({"data_dir":"/d","work_dir":"/w","space":"s","evaluations":2147483647})",
                "\"evaluations\" must be"},
        BadCase{"NoThreads", R"({"data_dir":"/d","work_dir":"/w","space":"s","threads":0})",
                "\"threads\" must be a whole number in 1..1024"},
        BadCase{"MonitorOfText", R"({"data_dir":"/d","work_dir":"/w","space":"s","monitor":"/opt/monitor"})",
                "\"monitor\" must be a list of strings"},
        BadCase{"SeedOfText", R"({"data_dir":"/d","work_dir":"/w","space":"s","seed":"x"})", "\"seed\" must be"},
        BadCase{"ParameterOfWrongType", R"({"data_dir":"/d","work_dir":"/w","space":"s","parameters":{"lr":true}})",
                "request: parameter 'lr' must be a number or a string"},
        BadCase{"RelativeClips", R"({"data_dir":"/d","work_dir":"/w","space":"s","folder":"clips"})",
                "\"folder\" must be an absolute path"},
        BadCase{"RelativeCheckpoints", R"({"data_dir":"/d","work_dir":"/w","space":"s","checkpoint_dir":"c"})",
                "\"checkpoint_dir\" must be an absolute path"},
        BadCase{"HalfAnInput", R"({"data_dir":"/d","work_dir":"/w","space":"s","input":{"height":49}})",
                "\"input\" must be an object with \"height\" and \"width\""},
        BadCase{"UnknownFeatures", R"({"data_dir":"/d","work_dir":"/w","space":"s","features":"mel"})",
                "\"features\" must be \"log-mel\" or \"mfcc\""},
        BadCase{"AugmentationNoObject", R"({"data_dir":"/d","work_dir":"/w","space":"s","augmentation":"noise"})",
                "\"augmentation\" must be an object"},
        BadCase{"TooMuchNoise", R"({"data_dir":"/d","work_dir":"/w","space":"s","augmentation":{"noise":2}})",
                "\"noise\" must be a number in 0..1"},
        BadCase{"ParametersNoObject", R"({"data_dir":"/d","work_dir":"/w","space":"s","parameters":3})",
                "request: parameters must be an object"}),
    [](const auto& info) { return info.param.name; });

TEST(LearningRate, MustBePositive) {
  Request request;
  request.parameters["lr"] = -0.1;
  EXPECT_FALSE(request.LearningRate(0.5).ok());
  request.parameters["lr"] = 1e6;
  EXPECT_THAT(request.LearningRate(0.5).error().message, HasSubstr("a number above 0 and below 1e6"));
  request.parameters["lr"] = "fast";
  EXPECT_FALSE(request.LearningRate(0.5).ok());
  request.parameters["lr"] = int64_t{1};
  EXPECT_EQ(request.LearningRate(0.5).value(), 1);
}

TEST(Reporter, WritesTheProtocolsLines) {
  std::ostringstream out;
  Reporter reporter(out);
  reporter.Measurement(0, std::nullopt, {{"memory_kb", 23.5}, {"params", 20000}});
  reporter.Measurement(1, 0.5, {{"accuracy", 0.25}});
  reporter.Artifact("model.tflite", "/w/model.tflite");
  reporter.Final({{"accuracy", 0.5}});
  reporter.Infeasible("a \"reason\"\xff");
  EXPECT_EQ(out.str(),
            "{\"step\":0,\"memory_kb\":23.5,\"params\":20000}\n"
            "{\"step\":1,\"elapsed\":0.5,\"accuracy\":0.25}\n"
            "{\"artifact\":\"model.tflite\",\"path\":\"/w/model.tflite\"}\n"
            "{\"final\":{\"accuracy\":0.5}}\n"
            "{\"infeasible\":\"a \\\"reason\\\"\xef\xbf\xbd\"}\n");
}

}  // namespace
}  // namespace photinus::trial
