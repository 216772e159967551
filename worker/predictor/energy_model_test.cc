#include "worker/predictor/energy_model.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/base/file.h"
#include "worker/graph/architecture.h"
#include "worker/graph/architectures.h"
#include "worker/predictor/energy_source.h"
#include "worker/predictor/fit.h"
#include "worker/predictor/measurements.h"
#include "worker/predictor/report.h"

namespace photinus::predictor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const spaces::Space& Keywords() { return *spaces::FindSpace("keywords-small"); }

// A made-up device: energy grows with FLOPs, and residual stems cost half a millijoule more.
Measurements Measure(int count) {
  Measurements measurements{.header = {.space = "keywords-small", .seed = 1, .meter = "made-up", .runner = "xnnpack"}};
  for (int i = 0; i < count; ++i) {
    MeasuredNetwork measured{.index = i};
    measured.network.parameters = spaces::Sample(Keywords(), static_cast<std::uint64_t>(i));
    measured.network.flops = 1000000 + (i * 7919) % 1000000;
    measured.network.size_bytes = 20000 + i;
    const bool temporal = std::get<std::string>(measured.network.parameters.at("stem")) == "temporal";
    const double energy = static_cast<double>(measured.network.flops) / 1e6 + (temporal ? 0 : 0.5);
    measured.energy_mj = {energy - 0.01, energy + 0.01};
    measured.latency_ms = {energy, energy};
    measurements.networks.push_back(std::move(measured));
  }
  return measurements;
}

FitOptions Quick() { return {.trees = 30, .folds = 3, .grid = {{.max_depth = 2}, {.max_depth = 10}}}; }

TEST(Features, NameAndEncodeEveryChoice) {
  const Features features(Keywords(), Encoding::kOneHot);
  Network network{.parameters = spaces::Defaults(Keywords()), .flops = 12, .size_bytes = 34};
  network.parameters["block2"] = std::string("identity");
  network.parameters.erase("block2.filters");
  const auto row = features.Row(network);
  ASSERT_TRUE(row.ok()) << row.error().message;
  ASSERT_EQ(row->size(), features.names().size());
  ASSERT_EQ(row->size(), features.sources().size());
  std::map<std::string, float> values;
  for (std::size_t i = 0; i < row->size(); ++i) values[features.names()[i]] = (*row)[i];
  EXPECT_EQ(values.at("block2=identity"), 1);
  EXPECT_EQ(values.at("block2=conv"), 0);
  EXPECT_EQ(values.at("block2.filters"), 0);
  EXPECT_EQ(values.at("flops"), 12);
  EXPECT_EQ(values.at("size_bytes"), 34);
  EXPECT_EQ(values.count("lr"), 0);  // shapes no network
}

TEST(Features, CanNumberCategories) {
  const Features features(Keywords(), Encoding::kOrdinal);
  EXPECT_EQ(features.names().front(), "stem");
  EXPECT_LT(features.names().size(), Features(Keywords(), Encoding::kOneHot).names().size());
  Network network{.parameters = spaces::Defaults(Keywords())};
  network.parameters["stem"] = std::string("temporal");
  const float temporal = features.Row(network)->front();
  network.parameters["stem"] = std::string("spectral");
  EXPECT_NE(features.Row(network)->front(), temporal);
  network.parameters.erase("stem");
  EXPECT_EQ(features.Row(network)->front(), 0);
}

TEST(Features, RefuseValuesThatTheSpaceDoesNotHave) {
  const Features features(Keywords(), Encoding::kOneHot);
  Network network{.parameters = spaces::Defaults(Keywords())};
  network.parameters["stem"] = std::string("turbo");
  EXPECT_THAT(features.Row(network).error().message, HasSubstr("parameter 'stem' has no category 'turbo'"));
  network.parameters["stem"] = 3.0;
  EXPECT_EQ(features.Row(network).error().code, ErrorCode::kInvalidArgument);
}

TEST(Measurements, SurviveTheirFile) {
  const Measurements measurements = Measure(3);
  std::string content = HeaderLine(measurements.header);
  for (const MeasuredNetwork& measured : measurements.networks) content += NetworkLine(measured);
  std::size_t complete = 0;
  const auto parsed = ParseMeasurements(content + "{\"half", "data", &complete);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(complete, content.size());
  EXPECT_EQ(parsed->header, measurements.header);
  ASSERT_EQ(parsed->networks.size(), 3);
  EXPECT_EQ(parsed->networks[2].network.parameters, measurements.networks[2].network.parameters);
  EXPECT_EQ(parsed->networks[2].energy_mj, measurements.networks[2].energy_mj);
}

TEST(Measurements, NameTheLineThatIsWrong) {
  const std::string header = HeaderLine(Measure(0).header);
  const auto message = [](const std::string& content) { return ParseMeasurements(content, "data").error().message; };
  EXPECT_THAT(message(header + "{\"index\": 1}\n"), HasSubstr("data:2: "));
  EXPECT_THAT(message(header + "not json\n"), HasSubstr("data:2: "));
  EXPECT_THAT(message(R"({"format": "other"})"
                      "\n"),
              HasSubstr("data:1: holds no measurements"));
  EXPECT_THAT(message(R"({"format": "photinus-measurements", "version": 7})"
                      "\n"),
              HasSubstr("another version"));
  EXPECT_THAT(message(""), HasSubstr("holds no measurements"));
  EXPECT_THAT(message(header + R"({"index":0,"parameters":{},"flops":1,"size_bytes":1,"energy_mj":[],"latency_ms":[]})"
                               "\n"),
              HasSubstr("'energy_mj' must be an array of one number or more, not []"));
}

struct LineCase {
  const char* situation;
  const char* line;  // the first after the header
  const char* fault;
};

class MeasurementRangeTest : public ::testing::TestWithParam<LineCase> {};

TEST_P(MeasurementRangeTest, IsChecked) {
  const std::string content = HeaderLine(Measure(0).header) + GetParam().line + "\n";
  const auto parsed = ParseMeasurements(content, "data");
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.error().message, AllOf(HasSubstr("data:2: "), HasSubstr(GetParam().fault)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, MeasurementRangeTest,
    ::testing::Values(
        LineCase{"IndexOutOfTurn",
                 R"({"index":1,"parameters":{},"flops":1,"size_bytes":1,"energy_mj":[1],"latency_ms":[1]})",
                 "has the index 1 where 0 follows"},
        LineCase{"NoFlops", R"({"index":0,"parameters":{},"flops":0,"size_bytes":1,"energy_mj":[1],"latency_ms":[1]})",
                 "'flops' and 'size_bytes' must be greater than 0"},
        LineCase{"NegativeSize",
                 R"({"index":0,"parameters":{},"flops":1,"size_bytes":-4,"energy_mj":[1],"latency_ms":[1]})",
                 "'size_bytes' must be a whole number of at least 0, not -4"},
        LineCase{"NegativeEnergy",
                 R"({"index":0,"parameters":{},"flops":1,"size_bytes":1,"energy_mj":[1,-1],"latency_ms":[1,1]})",
                 "'energy_mj' holds -1; no network takes that"},
        LineCase{"HugeEnergy",
                 R"({"index":0,"parameters":{},"flops":1,"size_bytes":1,"energy_mj":[1e300],"latency_ms":[1]})",
                 "'energy_mj' holds 1e+300; no network takes that"},
        LineCase{"EnergyNoNumber",
                 R"({"index":0,"parameters":{},"flops":1,"size_bytes":1,"energy_mj":["1"],"latency_ms":[1]})",
                 "'energy_mj' must be an array of one number or more, not [\"1\"]"},
        LineCase{"EnergyNoArray",
                 R"({"index":0,"parameters":{},"flops":1,"size_bytes":1,"energy_mj":1,"latency_ms":[1]})",
                 "'energy_mj' must be an array of one number or more, not 1"},
        LineCase{"NoSize", R"({"index":0,"parameters":{},"flops":1,"energy_mj":[1],"latency_ms":[1]})",
                 "has no 'size_bytes', which is a whole number of at least 0"},
        LineCase{"NoJson", R"({oops)", "must be a JSON object"},
        LineCase{"NoLatency",
                 R"({"index":0,"parameters":{},"flops":1,"size_bytes":1,"energy_mj":[1],"latency_ms":[0]})",
                 "'latency_ms' holds 0; no network takes that"}),
    [](const auto& info) { return std::string(info.param.situation); });

TEST(EnergyNoise, PoolsWhatWasRepeated) {
  std::vector<MeasuredNetwork> networks(3);
  networks[0].energy_mj = {1, 3};     // squared deviations 2, one degree of freedom
  networks[1].energy_mj = {5, 5, 5};  // 0, two
  networks[2].energy_mj = {9};
  EXPECT_DOUBLE_EQ(EnergyNoise(networks), std::sqrt(2 / 3.0));
  EXPECT_EQ(EnergyNoise({networks[2]}), 0);
}

TEST(FitEnergyModel, TunesTestsAndExplains) {
  const auto fitted = FitEnergyModel(Measure(800), Quick());
  ASSERT_TRUE(fitted.ok()) << fitted.error().message;
  const FitResult& result = fitted->result;
  EXPECT_EQ(result.train_networks, 720);
  EXPECT_EQ(result.measured_mj.size(), 80);
  EXPECT_EQ(result.chosen.max_depth, 10);
  EXPECT_EQ(result.chosen.trees, 30);
  EXPECT_GT(result.forest.r2, 0.9);
  EXPECT_NEAR(result.noise, 0.01 * std::sqrt(2), 1e-6);
  ASSERT_GE(result.importances.size(), 2);
  EXPECT_EQ(result.importances[0].source, "flops");
  EXPECT_EQ(result.importances[1].source, "stem");
  EXPECT_GT(result.importances[1].permutation, 10 * result.importances[2].permutation);
}

TEST(FitEnergyModel, GivesTheSameModelOnManyThreads) {
  FitOptions options = Quick();
  const auto one = FitEnergyModel(Measure(200), options);
  options.threads = 3;
  const auto three = FitEnergyModel(Measure(200), options);
  EXPECT_EQ(one->result.forest_mj, three->result.forest_mj);
}

TEST(FitEnergyModel, NeedsEnoughNetworks) {
  EXPECT_THAT(FitEnergyModel(Measure(5), Quick()).error().message, HasSubstr("too few"));
  FitOptions many = Quick();
  many.folds = 1000;
  EXPECT_THAT(FitEnergyModel(Measure(200), many).error().message,
              HasSubstr("1000 folds are more than the 180 networks that there are to train on"));
  Measurements elsewhere = Measure(50);
  elsewhere.header.space = "nowhere";
  EXPECT_EQ(FitEnergyModel(elsewhere, Quick()).error().code, ErrorCode::kNotFound);
}

// The file as version 1 had it, whose checksum (FNV-1a) is of the forest alone.
std::string OfVersion1(const std::string& content) {
  const std::size_t end = content.find('\n');
  auto header = nlohmann::ordered_json::parse(content.substr(0, end));
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char byte : content.substr(end + 1)) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  std::ostringstream checksum;
  checksum << std::hex << std::setw(16) << std::setfill('0') << hash;
  header["version"] = 1;
  header["checksum"] = checksum.str();
  return header.dump() + content.substr(end);
}

class EnergyModelFile : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  const std::string path_ = ::testing::TempDir() + "energy_model." + std::to_string(getpid());
};

TEST_F(EnergyModelFile, KeepsAModel) {
  const Measurements measurements = Measure(200);
  const auto fitted = FitEnergyModel(measurements, Quick());
  ASSERT_TRUE(fitted->model.Write(path_).ok());
  const auto model = EnergyModel::Read(path_);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->origin().space, "keywords-small");
  EXPECT_EQ(model->origin().meter, "made-up");
  EXPECT_EQ(model->origin().runner, "xnnpack");
  EXPECT_EQ(model->origin().networks, 180);
  const Network& network = measurements.networks[7].network;
  EXPECT_EQ(*model->Predict(network), *fitted->model.Predict(network));
}

TEST_F(EnergyModelFile, OfVersion1IsReadToo) {
  const auto fitted = FitEnergyModel(Measure(60), {.trees = 3, .folds = 2, .grid = {{}}});
  ASSERT_TRUE(fitted->model.Write(path_).ok());
  ASSERT_TRUE(WriteFile(path_, OfVersion1(ReadFile(path_).value())).ok());
  const auto model = EnergyModel::Read(path_);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->origin().space, "keywords-small");
}

TEST_F(EnergyModelFile, IsRefusedWhenDamagedOrForeign) {
  const auto fitted = FitEnergyModel(Measure(60), {.trees = 3, .folds = 2, .grid = {{}}});
  ASSERT_TRUE(fitted->model.Write(path_).ok());
  const std::string content = ReadFile(path_).value();
  const auto message = [&](const std::string& changed) {
    EXPECT_TRUE(WriteFile(path_, changed).ok());
    const auto model = EnergyModel::Read(path_);
    EXPECT_FALSE(model.ok());
    return model.ok() ? "" : model.error().message;
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string changed = content;
    return changed.replace(changed.find(from), from.size(), to);
  };
  std::string flipped = content;
  flipped.back() ^= 1;
  EXPECT_THAT(message(flipped), HasSubstr("is damaged"));
  EXPECT_THAT(message(content.substr(0, content.size() - 10)), HasSubstr("is damaged"));
  EXPECT_THAT(message("something else\n"), HasSubstr("is no energy model"));
  EXPECT_THAT(message(replaced("\"version\":2", "\"version\":9")), HasSubstr("another version"));
  EXPECT_THAT(message(replaced("\"space\":\"keywords-small\"", "\"space\":\"keywords-smalm\"")),
              HasSubstr("is damaged"));
  EXPECT_THAT(message(replaced("\"networks\":54", "\"networks\":55")), HasSubstr("is damaged"));
  EXPECT_THAT(message(OfVersion1(replaced("block1.filters", "block1.filterz"))), HasSubstr("other parameters"));
  std::filesystem::remove(path_);
  EXPECT_EQ(EnergyModel::Read(path_).error().code, ErrorCode::kNotFound);
}

TEST_F(EnergyModelFile, IsASourceOfEstimatesForNetworksOfItsSpace) {
  const Measurements measurements = Measure(200);
  const auto fitted = FitEnergyModel(measurements, Quick());
  ASSERT_TRUE(fitted->model.Write(path_).ok());
  const Network& network = measurements.networks[7].network;
  const graph::Graph graph =
      graph::BuildGraph(graph::ArchitectureOf("keywords-small", network.parameters).value()).value();
  const auto model = EnergySource::Open(path_);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->name(), std::filesystem::absolute(path_));
  EXPECT_EQ(model->meter(), measurements.header.meter);
  EXPECT_EQ(model->runner(), "xnnpack");
  const auto by_model = model->Estimate(graph, "keywords-small", network);
  ASSERT_TRUE(by_model.ok()) << by_model.error().message;
  EXPECT_EQ(by_model->energy_mj, *fitted->model.Predict(network));
  EXPECT_FALSE(by_model->latency_ms.has_value());
  EXPECT_THAT(model->Estimate(graph, "energy-audio-2d", network).error().message,
              HasSubstr("predicts networks of the space keywords-small, not of energy-audio-2d"));
  EXPECT_THAT(model->Estimate(graph, "", network).error().message, HasSubstr("not free architectures"));
  const auto device = EnergySource::Open("phone");
  ASSERT_TRUE(device.ok()) << device.error().message;
  EXPECT_EQ(device->name(), "phone");
  EXPECT_EQ(device->meter(), "phone");
  EXPECT_EQ(device->runner(), "");
  const auto by_device = device->Estimate(graph, "", network);
  ASSERT_TRUE(by_device.ok()) << by_device.error().message;
  EXPECT_GT(by_device->energy_mj, 0);
  EXPECT_GT(by_device->latency_ms, 0);
  EXPECT_EQ(EnergySource::Open("toaster").error().code, ErrorCode::kNotFound);
}

TEST(Report, HasTheTablesAndPlots) {
  const Measurements measurements = Measure(200);
  const auto fitted = FitEnergyModel(measurements, Quick());
  const std::string text = ReportMarkdown(measurements, fitted->result);
  EXPECT_THAT(text, HasSubstr("| flops |"));
  EXPECT_THAT(text, HasSubstr("| 30 % |"));  // the paper's share of FLOPs
  EXPECT_THAT(text, HasSubstr(", chosen |"));
  EXPECT_THAT(ParityPlot(fitted->result), HasSubstr("<polyline"));
  const ProxyStudy study = StudyProxies(measurements.networks);
  EXPECT_NEAR(study.latency_correlation, 1, 1e-9);
  EXPECT_LT(study.flops_low_mj, study.flops_high_mj);
}

}  // namespace
}  // namespace photinus::predictor
