#include "common/study_document/trial_role.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

TEST(TrialRole, IsReadAsItWasSet) {
  pb::Trial trial;
  EXPECT_EQ(RoleOf(trial), "");
  EXPECT_EQ(RepeatedBy(trial), "");
  SetRole(kRetestRole, "17", trial);
  EXPECT_EQ(RoleOf(trial), "retest");
  EXPECT_EQ(RepeatedBy(trial), "17");
}

TEST(TrialRole, IsReadAsGoogleVizierSpellsTheNamespaceAndNotFromOthers) {
  pb::Trial trial;
  auto& foreign = *trial.add_metadata();
  foreign.set_ns("mine");
  foreign.set_key("role");
  foreign.set_value("baseline");
  EXPECT_EQ(RoleOf(trial), "");
  foreign.set_ns(":photinus");
  EXPECT_EQ(RoleOf(trial), "baseline");
}

TEST(TrialRole, IsOneOfTwo) {
  EXPECT_OK(CheckRole(""));
  EXPECT_OK(CheckRole("retest"));
  EXPECT_OK(CheckRole("baseline"));
  EXPECT_THAT(std::string(CheckRole("retset").message()), HasSubstr("'retset' is no role of a trial; write 'retest'"));
}

}  // namespace
}  // namespace photinus
