// For tests: the whole command line against a fake server.
#ifndef PHOTINUS_CLIENT_CLI_APPLICATION_FIXTURE_H_
#define PHOTINUS_CLIENT_CLI_APPLICATION_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/application.h"
#include "client/cli/fake_study_client.h"

namespace photinus {

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'700'000'060); }
  absl::Duration Monotonic() const override { return absl::ZeroDuration(); }
};

inline void AddMetric(pb::Measurement& measurement, const std::string& name, double value) {
  pb::Measurement::Metric* metric = measurement.add_metrics();
  metric->set_metric_id(name);
  metric->set_value(value);
}

inline pb::Trial FinishedTrial(int id, double reward, double lr, const std::string& stem) {
  pb::Trial trial;
  trial.set_id(std::to_string(id));
  trial.set_name(absl::StrCat("owners/ada/studies/kws/trials/", id));
  trial.set_state(pb::Trial::SUCCEEDED);
  trial.set_client_id("w1.0");
  trial.mutable_start_time()->set_seconds(1'700'000'000);
  trial.mutable_end_time()->set_seconds(1'700'000'012);
  trial.mutable_end_time()->set_nanos(500'000'000);
  auto* rate = trial.add_parameters();
  rate->set_parameter_id("lr");
  rate->mutable_value()->set_number_value(lr);
  auto* block = trial.add_parameters();
  block->set_parameter_id("stem");
  block->mutable_value()->set_string_value(stem);
  pb::Measurement* curve = trial.add_measurements();
  curve->set_step_count(1);
  AddMetric(*curve, "accuracy", 0.25);
  curve = trial.add_measurements();
  curve->set_step_count(12);
  curve->mutable_elapsed_duration()->set_seconds(9);
  AddMetric(*curve, "accuracy", 0.75);
  AddMetric(*trial.mutable_final_measurement(), "reward", reward);
  AddMetric(*trial.mutable_final_measurement(), "accuracy", 0.75);
  return trial;
}

inline v1::StudyStatus AStatus(const std::string& id) {
  v1::StudyStatus status;
  pb::Study& study = *status.mutable_study();
  study.set_name(absl::StrCat("owners/ada/studies/", id));
  study.set_display_name(id);
  study.set_state(pb::Study::ACTIVE);
  study.mutable_create_time()->set_seconds(1'700'000'000);
  auto* metric = study.mutable_study_spec()->add_metrics();
  metric->set_metric_id("reward");
  metric->set_goal(pb::StudySpec::MetricSpec::MAXIMIZE);
  auto* stem = study.mutable_study_spec()->add_parameters();
  stem->set_parameter_id("stem");
  stem->mutable_categorical_value_spec()->add_values("temporal");
  auto* child = stem->add_conditional_parameter_specs();
  child->mutable_parent_categorical_values()->add_values("temporal");
  child->mutable_parameter_spec()->set_parameter_id("lr");
  child->mutable_parameter_spec()->mutable_double_value_spec()->set_min_value(0.001);
  child->mutable_parameter_spec()->mutable_double_value_spec()->set_max_value(1);
  child->mutable_parameter_spec()->set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE);
  status.set_active(2);
  status.set_succeeded(2);
  status.set_trial_budget(24);
  *status.add_best() = FinishedTrial(7, 0.85, 0.01, "temporal");
  return status;
}

class ApplicationTest : public ::testing::Test {
 protected:
  ApplicationTest() {
    client_.studies["owners/ada/studies/kws"] = AStatus("kws");
    client_.trials["owners/ada/studies/kws"] = {FinishedTrial(3, 0.5, 0.1, "spectral"),
                                                FinishedTrial(7, 0.85, 0.01, "temporal")};
    client_.optimal = {FinishedTrial(7, 0.85, 0.01, "temporal")};
  }

  int Run(std::vector<std::string> arguments) {
    console_.out.clear();
    console_.notes.clear();
    arguments.insert(arguments.begin(), {"--owner", "ada"});
    const auto connect = [this](const std::string& server) -> absl::StatusOr<StudyClient*> {
      server_ = server;
      if (!reachable_) return absl::UnavailableError("no server answers at " + server);
      return &client_;
    };
    return RunApplication(arguments, connect, console_, FixedClock());
  }

  FakeStudyClient client_;
  FakeConsole console_;
  std::string server_;
  bool reachable_ = true;
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_APPLICATION_FIXTURE_H_
