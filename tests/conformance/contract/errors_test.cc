// The table of errors: exact code and reason of each row that a client can bring about. tests/faults has many more
// bad inputs.
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/study/budget.h"
#include "server/study/trials.h"
#include "tests/conformance/contract/contract_fixture.h"

namespace photinus {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

class ErrorContract : public ContractTest {
 protected:
  void CallAndExpect(const std::string& what, absl::StatusCode code, const std::string& reason,
                     const absl::Status& status) {
    EXPECT_THAT(status, Fails(code, reason)) << what;
  }
  // Creating a study that differs from Kws() by `change` fails at `field`.
  void ExpectBadSpec(const std::string& field, const std::function<void(pb::StudySpec&)>& change) {
    pb::Study study = Kws().Study();
    change(*study.mutable_study_spec());
    const auto created = client().CreateStudy("owners/ada", study);
    EXPECT_THAT(created, Fails(kInvalid, "INVALID_ARGUMENT")) << field;
    EXPECT_THAT(ErrorField(created.status()), testing::StartsWith("study.study_spec" + field));
  }
};

std::string OnlyValue() { return absl::StrCat("a"); }

pb::StudySpec::ParameterSpec& AddCategorical(const std::string& id, pb::StudySpec& spec) {
  auto& parameter = *spec.add_parameters();
  parameter.set_parameter_id(id);
  parameter.mutable_categorical_value_spec()->add_values(OnlyValue());
  return parameter;
}

void AddDouble(const std::string& id, pb::StudySpec::ParameterSpec& parameter) {
  parameter.set_parameter_id(id);
  parameter.mutable_double_value_spec()->set_max_value(1);
}

INSTANTIATE_TEST_SUITE_P(Storages, ErrorContract, testing::ValuesIn(ContractBackends()), BackendName);

TEST_P(ErrorContract, MalformedNamesAreInvalid) {
  Create(Kws());
  for (const std::string name :
       {"", "owners", "owners/ada", "owners/ada/studies", "owners//studies/kws", "owners/ada/studies/",
        "owners/ada/studies/kws/", "owners/../studies/kws", "owners/ada/studies/a\nb", "studies/kws"}) {
    CallAndExpect(name, kInvalid, "INVALID_ARGUMENT", client().GetStudy(name).status());
    CallAndExpect(name, kInvalid, "INVALID_ARGUMENT", client().Suggest(name, "c").status());
    CallAndExpect(name, kInvalid, "INVALID_ARGUMENT", client().DeleteStudy(name));
  }
  for (const std::string id : {"", "0", "-1", "01", "1.5", "x", "9223372036854775808", " 1"}) {
    CallAndExpect(id, kInvalid, "INVALID_ARGUMENT", client().GetTrial(study_ + "/trials/" + id).status());
  }
  CallAndExpect("operation", kInvalid, "INVALID_ARGUMENT",
                client().GetOperation("owners/ada/operations/suggestion/kws/c/0").status());
  CallAndExpect("token", kInvalid, "INVALID_ARGUMENT",
                client().Complete(TrialOf(1), AMeasurement(1, {{"y", 1}}), WithToken("x")).status());
}

TEST_P(ErrorContract, WhatIsNotThereIsNotFound) {
  Create(Kws());
  const std::string none = "owners/ada/studies/none";
  const auto y = AMeasurement(1, {{"y", 1}});
  CallAndExpect("owner", kNotFound, "OWNER_NOT_FOUND", client().ListStudies("owners/nobody").status());
  CallAndExpect("study", kNotFound, "STUDY_NOT_FOUND", client().GetStudy(none).status());
  CallAndExpect("its trials", kNotFound, "STUDY_NOT_FOUND", client().ListTrials(none).status());
  CallAndExpect("its optimum", kNotFound, "STUDY_NOT_FOUND", client().ListOptimalTrials(none).status());
  CallAndExpect("its suggestions", kNotFound, "STUDY_NOT_FOUND", client().Suggest(none, "c").status());
  CallAndExpect("its state", kNotFound, "STUDY_NOT_FOUND", client().SetStudyState(none, pb::Study::ACTIVE).status());
  CallAndExpect("its end", kNotFound, "STUDY_NOT_FOUND", client().DeleteStudy(none));
  CallAndExpect("trial", kNotFound, "TRIAL_NOT_FOUND", client().GetTrial(TrialOf(1)).status());
  CallAndExpect("its result", kNotFound, "TRIAL_NOT_FOUND", client().Complete(TrialOf(1), y).status());
  CallAndExpect("its curve", kNotFound, "TRIAL_NOT_FOUND", client().AddMeasurement(TrialOf(1), y).status());
  CallAndExpect("its stop", kNotFound, "TRIAL_NOT_FOUND", client().StopTrial(TrialOf(1)).status());
  CallAndExpect("its end", kNotFound, "TRIAL_NOT_FOUND", client().DeleteTrial(TrialOf(1)));
  CallAndExpect("its attempts", kNotFound, "TRIAL_NOT_FOUND", client().ListAttempts(TrialOf(1)).status());
  CallAndExpect("operation", kNotFound, "OPERATION_NOT_FOUND",
                client().GetOperation("owners/ada/operations/suggestion/kws/c/1").status());
  ASSERT_OK(client().DeleteStudy(study_));
  const auto emptied = client().ListStudies("owners/ada");
  ASSERT_OK(emptied) << "an owner that is known";
  EXPECT_EQ(emptied->studies_size(), 0);
}

TEST_P(ErrorContract, ABrokenSpecIsInvalidAndNamesTheField) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  ExpectBadSpec(".parameters[0]",
                [](auto& s) { s.mutable_parameters(0)->mutable_double_value_spec()->set_min_value(2); });
  ExpectBadSpec(".parameters[0]",
                [nan](auto& s) { s.mutable_parameters(0)->mutable_double_value_spec()->set_max_value(nan); });
  ExpectBadSpec(".parameters[0]",
                [](auto& s) { s.mutable_parameters(0)->set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE); });
  ExpectBadSpec(".parameters[1]", [](auto& s) { *s.add_parameters() = s.parameters(0); });
  ExpectBadSpec(".parameters[1]", [](auto& s) {
    auto& parameter = *s.add_parameters();
    parameter.set_parameter_id("d");
    for (const double value : {2, 1}) parameter.mutable_discrete_value_spec()->add_values(value);
  });
  ExpectBadSpec(".parameters[1]", [](auto& s) {
    auto& parameter = *s.add_parameters();
    parameter.set_parameter_id("d");
    for (int i = 0; i < 1001; ++i) parameter.mutable_discrete_value_spec()->add_values(i);
  });
  ExpectBadSpec(".parameters[1]", [](auto& s) {
    auto& parameter = *s.add_parameters();
    parameter.set_parameter_id("d");
    for (const double value : {1.0, 1.0 + 5e-11}) parameter.mutable_discrete_value_spec()->add_values(value);
  });
  ExpectBadSpec(".parameters[1]", [](auto& s) {
    auto& parent = AddCategorical("c", s);
    auto& condition = *parent.add_conditional_parameter_specs();
    condition.mutable_parent_categorical_values()->add_values("none of c's");
    AddDouble("child", *condition.mutable_parameter_spec());
  });
  ExpectBadSpec(".parameters[1]", [](auto& s) {
    auto* parent = &AddCategorical("c0", s);
    for (int depth = 1; depth <= 17; ++depth) {
      auto& condition = *parent->add_conditional_parameter_specs();
      condition.mutable_parent_categorical_values()->add_values(OnlyValue());
      parent = condition.mutable_parameter_spec();
      parent->set_parameter_id(absl::StrCat("c", depth));
      parent->mutable_categorical_value_spec()->add_values(OnlyValue());
    }
  });
  ExpectBadSpec(".algorithm", [](auto& s) { s.set_algorithm("NO_SUCH_ALGORITHM"); });
}

TEST_P(ErrorContract, AStudyIsNamedByItsDisplayNameAlone) {
  pb::Study named = Kws().Study();
  named.set_name("owners/ada/studies/kws");
  CallAndExpect("name", kInvalid, "INVALID_ARGUMENT", client().CreateStudy("owners/ada", named).status());
  CallAndExpect("no display name", kInvalid, "INVALID_ARGUMENT",
                client().CreateStudy("owners/ada", AStudy("").WithFloat("x").Study()).status());
  CallAndExpect("slash", kInvalid, "INVALID_ARGUMENT",
                client().CreateStudy("owners/ada", AStudy("a/b").WithFloat("x").Study()).status());
  CallAndExpect("too long", kInvalid, "INVALID_ARGUMENT",
                client().CreateStudy("owners/ada", AStudy(std::string(257, 'a')).WithFloat("x").Study()).status());
  CallAndExpect("nobody asked", kNotFound, "OWNER_NOT_FOUND", client().ListStudies("owners/ada").status());
}

TEST_P(ErrorContract, WhatIsTooLargeIsRefusedAsSuch) {
  Create(Kws());
  const std::string trial = Start();
  vizier::UpdateMetadataRequest request;
  request.set_name(study_);
  AddEntry(request, "1", "a", std::string(10 << 20, 'a'));
  for (const char* const key : {"a", "b", "c"}) {
    request.mutable_delta(0)->mutable_metadatum()->set_key(key);
    ASSERT_OK(client().UpdateMetadata(request));
  }
  request.mutable_delta(0)->mutable_metadatum()->set_key("d");
  CallAndExpect("32 MiB of a trial", absl::StatusCode::kResourceExhausted, "METADATA_TOO_LARGE",
                client().UpdateMetadata(request).status());
  EXPECT_EQ(Get(trial).metadata_size(), 3);
  request.mutable_delta(0)->mutable_metadatum()->mutable_value()->push_back('a');
  CallAndExpect("10 MiB of a value", kInvalid, "INVALID_ARGUMENT", client().UpdateMetadata(request).status());
  request.mutable_delta(0)->mutable_metadatum()->set_value(std::string(17 << 20, 'a'));
  CallAndExpect("16 MiB of a request", absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED",
                client().UpdateMetadata(request).status());
}

TEST_P(ErrorContract, AStudyAndAnAttemptHaveTheirLimits) {
  Create(Kws());
  const std::string trial = Start();
  StudyRow row = Row();
  row.next_trial_id = kMaxTrialsPerStudy + 1;
  ASSERT_OK(storage().Transact([&](Transaction& transaction) { return transaction.UpdateStudy(row); }));
  CallAndExpect("a trial too many", absl::StatusCode::kResourceExhausted, "TOO_MANY_TRIALS",
                client().CreateTrial(study_, ATrial({{"x", 0.5}})).status());
  EXPECT_TRUE(SuggestIds("another").empty());
  if (IsShared()) return;  // 100,000 measurements take too long there
  ASSERT_OK(storage().Transact([&](Transaction& transaction) -> absl::Status {
    for (int64_t i = 0; i < kMaxMeasurementsPerAttempt; ++i) {
      RETURN_IF_ERROR(transaction.AddMeasurement(row.uid, 1, 1, pb::Measurement()).status());
    }
    return absl::OkStatus();
  }));
  CallAndExpect("a measurement too many", absl::StatusCode::kResourceExhausted, "TOO_MANY_MEASUREMENTS",
                client().AddMeasurement(trial, AMeasurement(1, {{"y", 1}})).status());
}

TEST_P(ErrorContract, WhatWasMeasuredNeverFitsIntoNoReply) {
  Create(Kws());
  const std::string trial = Start();
  const auto measurement = [](int64_t step, size_t bytes) {
    return AMeasurement(step, {{std::string(bytes, 'm'), 1}});
  };
  CallAndExpect("4 MiB of a measurement", kInvalid, "INVALID_ARGUMENT",
                client().AddMeasurement(trial, measurement(1, 4 << 20)).status());
  for (int step = 1; step <= 4; ++step) ASSERT_OK(client().AddMeasurement(trial, measurement(step, 4'000'000)));
  CallAndExpect("16 MiB of an attempt", absl::StatusCode::kResourceExhausted, "MEASUREMENTS_TOO_LARGE",
                client().AddMeasurement(trial, measurement(5, 4'000'000)).status());
  EXPECT_EQ(Get(trial).measurements_size(), 4);
  for (int id = 2; id <= 5; ++id) {
    ASSERT_EQ(SuggestIds("c", id).back(), id);
    for (int step = 1; step <= 4; ++step) ASSERT_OK(client().AddMeasurement(TrialOf(id), measurement(step, 4'000'000)));
  }
  EXPECT_THAT(SuggestIds("c", 5), testing::ElementsAre(1, 2, 3, 4)) << "64 MiB of a reply";
}

TEST_P(ErrorContract, WhatMetTooManyConflictsIsAbortedAndMayBeRepeated) {
  Create(Kws());
  const std::string before = State();
  storage().RefuseNext(absl::AbortedError("the database has too many conflicts"));
  CallAndExpect("a trial", absl::StatusCode::kAborted, "ABORTED",
                client().CreateTrial(study_, ATrial({{"x", 0.5}})).status());
  EXPECT_EQ(State(), before);
  EXPECT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
}

}  // namespace
}  // namespace photinus
