// Repetitions of requests: answered as the first time, and without a second effect.
#include "server/study/request_id.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/study/metadata.h"
#include "server/study/study_status.h"
#include "server/study/trial_lists.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

AStudy Kws() { return AStudy("kws").WithFloat("x").WithObjective("y"); }

class RequestIdTest : public StudyFixture {
 protected:
  void SetUp() override { Create(Kws()); }

  std::vector<std::string> TrialIds() {
    std::vector<std::string> ids;
    const auto page = ListTrials(store_, tokens_, name_, 0, "");
    EXPECT_OK(page);
    if (!page.ok()) return ids;
    for (const pb::Trial& trial : page->trials) ids.push_back(trial.id());
    return ids;
  }
};

TEST_F(RequestIdTest, ARepeatedCreateTrialGivesTheFirstTrial) {
  const RequestId request{"r1", "CreateTrial"};
  const auto first = CreateTrial(store_, name_, ATrial({{"x", 0.5}}), request);
  const auto again = CreateTrial(store_, name_, ATrial({{"x", 0.5}}), request);
  ASSERT_OK(again);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), {"r2", "CreateTrial"}));
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
  EXPECT_THAT(TrialIds(), ElementsAre("1", "2", "3")) << "without an id each is a new one";
  ASSERT_OK(DeleteTrial(store_, {name_, 1}));
  EXPECT_THAT(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), request),
              Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
}

TEST_F(RequestIdTest, ARepetitionIsAnsweredThoughTheFirstClosedTheStudy) {
  Create(AStudy("small").WithFloat("x").WithObjective("y").WithDocument(R"({"budget": {"trials": 1}})"));
  const RequestId request{"r1", "CreateTrial"};
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}}), request));
  ASSERT_EQ(StudyState(), pb::Study::COMPLETED);
  EXPECT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}}), request));
}

TEST_F(RequestIdTest, ARepeatedDocumentIsAnsweredThoughTheFirstClosedTheStudy) {
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
  pb::KeyValue document;
  document.set_ns("photinus");
  document.set_key("study");
  document.set_value(R"({"budget": {"trials": 1}})");
  const RequestId request{"r1", "UpdateMetadata"};
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, document}}, request), "");
  ASSERT_EQ(StudyState(), pb::Study::COMPLETED);
  const int64_t version = Version();
  EXPECT_OK(UpdateMetadata(store_, name_, {{std::nullopt, document}}, request));
  EXPECT_EQ(Version(), version);
  EXPECT_THAT(UpdateMetadata(store_, name_, {{std::nullopt, document}}),
              Fails(absl::StatusCode::kFailedPrecondition, "STUDY_NOT_ACTIVE"));
}

TEST_F(RequestIdTest, ARequestThatFailedIsNotNoted) {
  const RequestId request{"r1", "CreateTrial"};
  EXPECT_FALSE(CreateTrial(store_, name_, ATrial({{"x", 7}}), request).ok());
  EXPECT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.7}}), request));
}

TEST_F(RequestIdTest, AnIdBelongsToOneCallOfOneStudy) {
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), {"r1", "CreateTrial"}));
  EXPECT_THAT(DeleteTrial(store_, {name_, 1}, {"r1", "DeleteTrial"}), FailsWith(kInvalid, "x-request-id"));
  EXPECT_THAT(TrialIds(), ElementsAre("1"));
  Create(AStudy("other").WithFloat("x").WithObjective("y"));
  EXPECT_EQ(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), {"r1", "CreateTrial"})->name(),
            "owners/ada/studies/other/trials/1");
}

TEST_F(RequestIdTest, AMeasurementWithoutAPlaceOnTheCurveIsAddedOnce) {
  const TrialName trial = Start();
  const RequestId request{"r1", "AddTrialMeasurement"};
  for (int i = 0; i < 2; ++i) {
    const auto reply = AddMeasurement(store_, trial, AMeasurement(0, {{"y", 1}}), {}, request);
    ASSERT_OK(reply);
    EXPECT_EQ(reply->measurements_size(), 1);
  }
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(0, {{"y", 1}}), {}, {"r2", "AddTrialMeasurement"}));
  EXPECT_EQ(Get(trial).measurements_size(), 2);
  ASSERT_OK(CompleteTrial(store_, trial, Result(1), {}));
  EXPECT_OK(AddMeasurement(store_, trial, AMeasurement(0, {{"y", 1}}), {}, request)) << "late, and still harmless";
}

TEST_F(RequestIdTest, ARepeatedDeletionFindsItDone) {
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
  const RequestId request{"r1", "DeleteTrial"};
  EXPECT_OK(DeleteTrial(store_, {name_, 1}, request));
  EXPECT_OK(DeleteTrial(store_, {name_, 1}, request));
  EXPECT_THAT(DeleteTrial(store_, {name_, 1}), Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
}

TEST_F(RequestIdTest, ALateRepetitionUndoesNothingThatCameAfterIt) {
  const RequestId close{"r1", "SetStudyState"};
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::INACTIVE, close));
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::ACTIVE));
  EXPECT_EQ(SetStudyState(store_, name_, pb::Study::INACTIVE, close)->state(), pb::Study::ACTIVE);
  const RequestId pause{"r2", "DrainStudy"};
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kPause, pause));
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kResume));
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kPause, pause));
  EXPECT_FALSE(GetStudyStatus(store_, name_)->paused);
  pb::KeyValue entry;
  entry.set_key("note");
  entry.set_value("one");
  const RequestId note{"r3", "UpdateMetadata"};
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}}, note), "");
  entry.set_value("two");
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}}), "");
  entry.set_value("one");
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}}, note), "");
  EXPECT_EQ(GetStudy(store_, name_)->study_spec().metadata(0).value(), "two");
}

TEST_F(RequestIdTest, ARepeatedDeleteStudyLeavesTheStudyOfThatNameThatCameAfterIt) {
  const RequestId request{"r1", "DeleteStudy owners/ada/studies/kws"};
  ASSERT_OK(store_.Delete(name_, request));
  EXPECT_OK(store_.Delete(name_, request));
  Create(Kws());
  EXPECT_OK(store_.Delete(name_, request));
  EXPECT_OK(GetStudy(store_, name_));
  EXPECT_OK(store_.Delete(name_));
}

TEST_F(RequestIdTest, ARepeatedCreateStudyGivesItsOwnStudyAndNeverBringsItBack) {
  const RequestId request{"r1", "CreateStudy owners/ada/studies/new"};
  const pb::Study study = AStudy("new").Study();
  ASSERT_OK(CreateStudy(store_, {"ada"}, study, IfExists::kRefuse, request));
  EXPECT_OK(CreateStudy(store_, {"ada"}, study, IfExists::kRefuse, request));
  EXPECT_THAT(CreateStudy(store_, {"ada"}, study, IfExists::kRefuse),
              Fails(absl::StatusCode::kAlreadyExists, "STUDY_EXISTS"));
  ASSERT_OK(store_.Delete({"ada", "new"}));
  const auto gone = Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND");
  EXPECT_THAT(CreateStudy(store_, {"ada"}, study, IfExists::kRefuse, request), gone);
  ASSERT_OK(CreateStudy(store_, {"ada"}, study));
  EXPECT_THAT(CreateStudy(store_, {"ada"}, study, IfExists::kReturn, request), gone) << "this one is another's";
}

TEST_F(RequestIdTest, InACrowdIdsAreRememberedForTenMinutes) {
  const auto note = [&](const std::string& prefix, int64_t count) {
    EXPECT_OK(storage_->Transact([&](Transaction& transaction) -> absl::Status {
      for (int64_t i = 0; i < count; ++i) {
        RETURN_IF_ERROR(NoteServed(transaction, 1, {absl::StrCat(prefix, i), "call"}, 1, clock_.Now()));
      }
      return absl::OkStatus();
    }));
  };
  const auto remembers = [&](const std::string& id) {
    bool found = false;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const auto served, FindServed(snapshot, 1, {id, "call"}));
      found = served.has_value();
      return absl::OkStatus();
    }));
    return found;
  };
  note("old", 100);
  clock_.Advance(kShortRequestLifetime);
  note("new", kRequestsKept + 100);
  EXPECT_TRUE(remembers("old0")) << "not older than ten minutes";
  clock_.Advance(absl::Seconds(1));
  note("last", 48);
  EXPECT_FALSE(remembers("old0"));
  EXPECT_TRUE(remembers("new0")) << "although more came since";
}

TEST_F(RequestIdTest, OldIdsAreForgotten) {
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), {"old", "CreateTrial"}));
  clock_.Advance(kRequestLifetime + absl::Seconds(1));
  for (int i = 0; i < 16; ++i) {
    ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), {absl::StrCat("new", i), "CreateTrial"}));
  }
  const int64_t trials = static_cast<int64_t>(TrialIds().size());
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), {"old", "CreateTrial"}));
  EXPECT_EQ(static_cast<int64_t>(TrialIds().size()), trials + 1);
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}}), {"new0", "CreateTrial"}));
  EXPECT_EQ(static_cast<int64_t>(TrialIds().size()), trials + 1);
}

}  // namespace
}  // namespace photinus
