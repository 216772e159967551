// Studies, trials and measurements for tests.
#ifndef PHOTINUS_TESTS_SUPPORT_STUDY_BUILDER_H_
#define PHOTINUS_TESTS_SUPPORT_STUDY_BUILDER_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "common/base/pb.h"

namespace photinus {

// AStudy("kws").WithFloat("x").WithObjective("y").Study(). Without WithAlgorithm: RANDOM_SEARCH.
class AStudy {
 public:
  explicit AStudy(const std::string& display_name) {
    study_.set_display_name(display_name);
    study_.mutable_study_spec()->set_algorithm("RANDOM_SEARCH");
  }
  AStudy& WithFloat(const std::string& id, double min = 0, double max = 1) {
    auto& parameter = *study_.mutable_study_spec()->add_parameters();
    parameter.set_parameter_id(id);
    parameter.mutable_double_value_spec()->set_min_value(min);
    parameter.mutable_double_value_spec()->set_max_value(max);
    return *this;
  }
  AStudy& WithObjective(const std::string& metric, bool maximize = true) {
    auto& objective = *study_.mutable_study_spec()->add_metrics();
    objective.set_metric_id(metric);
    objective.set_goal(maximize ? pb::StudySpec::MetricSpec::MAXIMIZE : pb::StudySpec::MetricSpec::MINIMIZE);
    return *this;
  }
  AStudy& WithAlgorithm(const std::string& name) {
    study_.mutable_study_spec()->set_algorithm(name);
    return *this;
  }
  AStudy& WithMetadata(const std::string& ns, const std::string& key, const std::string& value) {
    auto& entry = *study_.mutable_study_spec()->add_metadata();
    entry.set_ns(ns);
    entry.set_key(key);
    entry.set_value(value);
    return *this;
  }
  AStudy& WithDocument(const std::string& json) { return WithMetadata("photinus", "study", json); }
  const pb::Study& Study() const { return study_; }

 private:
  pb::Study study_;
};

inline pb::Trial ATrial(std::initializer_list<std::pair<std::string, double>> parameters) {
  pb::Trial trial;
  for (const auto& [id, value] : parameters) {
    auto& parameter = *trial.add_parameters();
    parameter.set_parameter_id(id);
    parameter.mutable_value()->set_number_value(value);
  }
  return trial;
}

inline pb::Measurement AMeasurement(int64_t step, std::initializer_list<std::pair<std::string, double>> metrics) {
  pb::Measurement measurement;
  measurement.set_step_count(step);
  for (const auto& [id, value] : metrics) {
    auto& metric = *measurement.add_metrics();
    metric.set_metric_id(id);
    metric.set_value(value);
  }
  return measurement;
}

// A finished trial of the caller's own.
inline pb::Trial ASucceededTrial(std::initializer_list<std::pair<std::string, double>> parameters,
                                 std::initializer_list<std::pair<std::string, double>> metrics) {
  pb::Trial trial = ATrial(parameters);
  trial.set_state(pb::Trial::SUCCEEDED);
  *trial.mutable_final_measurement() = AMeasurement(0, metrics);
  return trial;
}

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_STUDY_BUILDER_H_
