// The claims of arXiv 2202.05397, section 3.4, on the simulated phone: as many networks as the paper measured.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "worker/net/measure_command.h"
#include "worker/predictor/fit.h"
#include "worker/predictor/measurements.h"
#include "worker/predictor/report.h"

namespace photinus::net {
namespace {

TEST(EnergyForest, ExplainsThePhoneUpToItsNoiseAndBetterThanALine) {
  const std::string path = ::testing::TempDir() + "energy_forest." + std::to_string(getpid());
  MeasureOptions options;
  options.space = "energy-audio-2d";
  options.count = 15000;
  options.out = path;
  const auto measured = RunMeasure(options, [](int) {});
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  const auto data = predictor::ReadMeasurements(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(data.ok()) << data.error().message;

  // Tuning, which takes minutes, may only make it better.
  const auto fitted =
      predictor::FitEnergyModel(*data, {.folds = 2, .grid = {{.max_depth = 14, .feature_share = 0.4, .min_leaf = 3}}});
  ASSERT_TRUE(fitted.ok()) << fitted.error().message;
  const predictor::FitResult& result = fitted->result;
  EXPECT_GE(result.forest.r2, 0.92);
  EXPECT_LE(result.forest.rmse, 1.15 * result.noise);
  EXPECT_GT(result.linear.rmse, result.forest.rmse);
  EXPECT_EQ(result.importances[0].source, "block1.filters");
  EXPECT_EQ(result.importances[1].source, "flops");
  EXPECT_GT(result.importances[0].impurity + result.importances[1].impurity, 0.7);

  const predictor::ProxyStudy proxies = predictor::StudyProxies(data->networks);
  EXPECT_LT(proxies.flops_correlation, 0.85);
  EXPECT_GT(proxies.latency_correlation, 0.97);
  EXPECT_GT(proxies.flops_high_mj, 1.8 * proxies.flops_low_mj);
}

}  // namespace
}  // namespace photinus::net
