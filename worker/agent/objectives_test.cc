#include "worker/agent/objectives.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace photinus {
namespace {

struct Case {
  std::string name;
  std::vector<std::string> objectives;
  std::vector<DerivedMetric> derived;
  std::vector<std::string> measured;
  std::set<std::string> static_metrics;
  std::optional<std::string> missing;
};

class MissingMetricTest : public ::testing::TestWithParam<Case> {};

TEST_P(MissingMetricTest, NamesTheFirst) {
  const Case& c = GetParam();
  Assignment assignment;
  for (const std::string& objective : c.objectives) assignment.spec.add_metrics()->set_metric_id(objective);
  auto& safety = *assignment.spec.add_metrics();  // no objective
  safety.set_metric_id("heat");
  safety.mutable_safety_config();
  assignment.document.derived = c.derived;
  assignment.trial.add_parameters()->set_parameter_id("width");
  pb::Measurement measurement;
  for (const std::string& metric : c.measured) measurement.add_metrics()->set_metric_id(metric);
  EXPECT_EQ(MissingMetric(assignment, measurement, c.static_metrics), c.missing);
}

const DerivedMetric kReward{"reward", true, "int8_accuracy - 0.1 * memory_kb / width"};
INSTANTIATE_TEST_SUITE_P(
    Table, MissingMetricTest,
    ::testing::Values(
        Case{"NoObjectives", {}, {}, {"a"}, {}, std::nullopt}, Case{"Reported", {"a"}, {}, {"a"}, {}, std::nullopt},
        Case{"NotReported", {"a", "b"}, {}, {"a"}, {}, "b"},
        Case{"APlainMetricOfStepZeroIsNotInALaterMeasurement", {"memory_kb"}, {}, {"a"}, {"memory_kb"}, "memory_kb"},
        Case{"DerivedFromAllKinds", {"reward"}, {kReward}, {"int8_accuracy"}, {"memory_kb"}, std::nullopt},
        Case{"DerivedFromAMissingOne", {"reward"}, {kReward}, {"accuracy"}, {"memory_kb"}, "int8_accuracy"},
        Case{"DerivedFromAMissingStaticOne", {"reward"}, {kReward}, {"int8_accuracy"}, {}, "memory_kb"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus
