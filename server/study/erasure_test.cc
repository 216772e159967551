#include "server/study/erasure.h"

#include <gtest/gtest.h>

#include "common/base/status_macros.h"
#include "tests/support/governed_storage.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

class ErasureTest : public StudyFixture {
 protected:
  bool AnythingLeft() {
    bool left = false;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(left, snapshot.HasDeleted());
      return absl::OkStatus();
    }));
    return left;
  }
};

TEST_F(ErasureTest, TakesWhatDeletedStudiesLeftUntilItIsStopped) {
  Create(AStudy("kept").WithFloat("x").WithObjective("y"));
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
  for (int round = 0; round < 3; ++round) {
    Create(AStudy("kws").WithFloat("x").WithObjective("y"));
    for (int i = 0; i < 5; ++i) ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
    ASSERT_OK(store_.Delete(name_));
  }
  EXPECT_OK(EraseDeleted(*storage_, [] { return true; }));
  EXPECT_TRUE(AnythingLeft());
  EXPECT_OK(EraseDeleted(*storage_, [] { return false; }));
  EXPECT_FALSE(AnythingLeft());
  EXPECT_OK(GetTrial(store_, {{"ada", "kept"}, 1}));
}

TEST_F(ErasureTest, ALargeStudyGoesInParts) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  ASSERT_OK(store_.EditActive(name_, [](StudyEdit& edit) -> absl::Status {
    ClaimResult result;
    return CreateTrials(edit, {"c", ""}, std::vector<NewTrial>(2500, NewTrial{{{"x", 0.5}}, {}}), result);
  }));
  ASSERT_OK(store_.Delete(name_));
  GovernedStorage governed(*storage_);
  EXPECT_OK(EraseDeleted(governed, [] { return false; }));
  EXPECT_GE(governed.transactions(), 3);
  EXPECT_FALSE(AnythingLeft());
}

TEST_F(ErasureTest, ADeletedTrialGoesInParts) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  pb::Trial trial = ATrial({{"x", 0.5}});
  for (int i = 0; i < 2500; ++i) *trial.add_measurements() = AMeasurement(i, {{"y", 1}});
  ASSERT_OK(CreateTrial(store_, name_, trial));
  ASSERT_OK(DeleteTrial(store_, {name_, 1}));
  GovernedStorage governed(*storage_);
  EXPECT_OK(EraseDeleted(governed, [] { return false; }));
  EXPECT_GE(governed.transactions(), 3);
  EXPECT_FALSE(AnythingLeft());
}

TEST_F(ErasureTest, ARecreatedStudySeesNothingOfTheOldOneBeforeAndAfter) {
  for (const bool erase : {false, true}) {
    Create(AStudy("kws").WithFloat("x").WithObjective("y"));
    EXPECT_EQ(CreateTrial(store_, name_, ATrial({{"x", 0.5}}))->id(), "1");
    EXPECT_THAT(GetTrial(store_, {name_, 2}), Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
    ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
    ASSERT_OK(store_.Delete(name_));
    EXPECT_THAT(GetTrial(store_, {name_, 1}), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
    EXPECT_TRUE(ListStudies(store_, tokens_, {"ada"}, 0, "")->studies.empty());
    EXPECT_OK(EraseDeleted(*storage_, [&] { return !erase; }));
  }
}

}  // namespace
}  // namespace photinus
