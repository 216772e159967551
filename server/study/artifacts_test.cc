#include "server/study/artifacts.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "server/study/digest.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

class ArtifactsTest : public StudyFixture {
 protected:
  void SetUp() override { Create(AStudy("kws").WithFloat("x").WithObjective("y")); }

  absl::Status Put(const TrialName& trial, const std::string& name, const std::string& bytes,
                   const std::optional<LeaseToken>& token = {}) {
    ArtifactRow row;
    row.name = name;
    row.sha256 = Sha256Hex(bytes);
    row.size = static_cast<int64_t>(bytes.size());
    return PutArtifact(store_, trial, row, bytes, token);
  }
};

TEST_F(ArtifactsTest, OnlyItsOwnTokenReplacesTheArtifactOfAFinishedTrial) {
  const TrialName trial = Start({"w.0", "first"});
  const LeaseToken token{1, trial.id, 1};
  ASSERT_OK(CompleteTrial(store_, trial, Result(1), token));
  ASSERT_OK(Put(trial, "log.txt", "one", token));
  const auto refused = Fails(absl::StatusCode::kFailedPrecondition, "LEASE_LOST");
  EXPECT_THAT(Put(trial, "log.txt", "two", LeaseToken{1, trial.id + 1, 1}), refused);
  EXPECT_THAT(Put(trial, "log.txt", "two", LeaseToken{2, trial.id, 1}), refused);
  EXPECT_THAT(Put(trial, "log.txt", "two", LeaseToken{1, trial.id, 2}), refused);
  EXPECT_EQ(*ReadArtifact(store_, trial, "log.txt", 0, 9), "one");
}

TEST_F(ArtifactsTest, ATrialHasSoManyAndEachMayBeReplaced) {
  const TrialName trial = Start();
  for (int i = 0; i < kMaxArtifactsPerTrial; ++i) ASSERT_OK(Put(trial, absl::StrCat("a", i), "bytes"));
  EXPECT_THAT(Put(trial, "another", "bytes"), Fails(absl::StatusCode::kResourceExhausted, "TOO_MANY_ARTIFACTS"));
  EXPECT_OK(Put(trial, "a0", "other bytes"));
  EXPECT_EQ(ListArtifacts(store_, trial)->size(), static_cast<size_t>(kMaxArtifactsPerTrial));
}

TEST(CheckArtifactRoom, TheArtifactsOfATrialTakeSoManyBytesTogether) {
  const TrialName trial{{"ada", "kws"}, 1};
  const std::vector<ArtifactRow> known = {{.name = "large", .size = kMaxArtifactBytesPerTrial - 4},
                                          {.name = "small", .size = 4}};
  const auto refused = Fails(absl::StatusCode::kResourceExhausted, "ARTIFACTS_TOO_LARGE");
  EXPECT_THAT(CheckArtifactRoom(trial, known, {.name = "more", .size = 1}), refused);
  EXPECT_THAT(CheckArtifactRoom(trial, known, {.name = "small", .size = 5}), refused);
  EXPECT_OK(CheckArtifactRoom(trial, known, {.name = "small", .size = 4}));
  EXPECT_OK(CheckArtifactRoom(trial, known, {.name = "more", .size = 0}));
}

}  // namespace
}  // namespace photinus
