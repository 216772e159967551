// With a storage that tells what the test wants.
#include "server/study/remote_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeShared final : public SharedStorage {
 public:
  absl::StatusOr<ChangedStudies> ListChanges(int64_t since) override {
    asked_since = since;
    return changes;
  }
  absl::StatusOr<std::vector<LeaseRow>> SweepLeases(absl::Span<const LeaseBeat>, const LeaseTimes&) override {
    return absl::UnimplementedError("not here");
  }
  absl::StatusOr<ChangedStudies> changes = ChangedStudies{};
  int64_t asked_since = -1;
};

class RemoteChangesTest : public ::testing::Test {
 protected:
  // What a look publishes, as "uid:version".
  std::vector<std::string> Poll(std::vector<StudyVersion> studies, int64_t next = 0) {
    storage_.changes = ChangedStudies{std::move(studies), next};
    published_.clear();
    EXPECT_OK(remote_.Poll());
    return published_;
  }

  FakeShared storage_;
  ChangeFeed feed_;
  std::vector<std::string> published_;
  const ChangeFeed::Subscription subscription_ = feed_.Subscribe([this](const StudyChange& change) {
    published_.push_back(
        absl::StrCat(change.uid, ":", change.version, change.work ? " work" : "", change.deleted ? " deleted" : ""));
  });
  RemoteChanges remote_{storage_, feed_};
};

TEST_F(RemoteChangesTest, WhatIsThereAtTheStartIsNoChange) { EXPECT_THAT(Poll({{1, 7}, {2, 9}}), IsEmpty()); }

TEST_F(RemoteChangesTest, EachChangeIsPublishedOnce) {
  Poll({{1, 7}}, 100);
  EXPECT_THAT(Poll({{1, 9}, {3, 1}}, 200), ElementsAre("1:9 work", "3:1 work"));
  EXPECT_EQ(storage_.asked_since, 100);
  EXPECT_THAT(Poll({{1, 9}, {3, 2}}), ElementsAre("3:2 work"));
  EXPECT_EQ(storage_.asked_since, 200);
}

TEST_F(RemoteChangesTest, OwnChangesAreNotPublishedAgain) {
  Poll({{1, 7}});
  feed_.Publish({1, 8});
  feed_.Publish({1, 9});
  feed_.Publish({2, 1});
  EXPECT_THAT(Poll({{1, 9}, {2, 1}}), IsEmpty());
}

TEST_F(RemoteChangesTest, AChangeBetweenTwoOwnOnesIsNotOverlooked) {
  Poll({{1, 7}});
  feed_.Publish({1, 8});
  feed_.Publish({1, 10});
  EXPECT_THAT(Poll({{1, 10}}), ElementsAre("1:10 work"));
}

TEST_F(RemoteChangesTest, ADeletedStudyIsToldAndThenForgotten) {
  Poll({{1, 7}, {2, 1}});
  EXPECT_THAT(Poll({{1, 8, true}}), ElementsAre("1:8 work deleted"));
  EXPECT_THAT(Poll({{1, 8, true}}), IsEmpty());
  EXPECT_EQ(remote_.size(), 2u);
  Poll({});
  EXPECT_EQ(remote_.size(), 1u);
}

TEST_F(RemoteChangesTest, AfterAFaultItGoesOnWhereItWas) {
  Poll({{1, 7}}, 100);
  storage_.changes = absl::UnavailableError("away");
  EXPECT_FALSE(remote_.Poll().ok());
  EXPECT_THAT(Poll({{1, 8}}), ElementsAre("1:8 work"));
  EXPECT_EQ(storage_.asked_since, 100);
}

}  // namespace
}  // namespace photinus
