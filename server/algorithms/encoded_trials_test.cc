#include "server/algorithms/encoded_trials.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

using Status = EncodedTrials::Status;

class EncodedTrialsTest : public ::testing::Test {
 protected:
  EncodedTrials trials_{Space(R"(parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 1 } }
                                 parameters { parameter_id: "c" categorical_value_spec { values: "a" values: "b" } })"),
                        {{.metric = "loss", .maximize = false}, {.metric = "gain"}}};

  static Point At(double x) { return {{"x", x}, {"c", "b"}}; }
  UnitPoint UnitAt(double x) const { return *trials_.flatten().ToUnit(At(x)); }
};

TEST_F(EncodedTrialsTest, FollowATrialThroughItsLife) {
  trials_.Add(7, At(0.5));
  EXPECT_EQ(trials_.status(0), Status::kPending);
  EXPECT_EQ(trials_.unit(0), UnitAt(0.5));
  EXPECT_TRUE(trials_.pending_points().Contains(UnitAt(0.5)));
  trials_.SetFinished(7, {2, 3}, false);
  EXPECT_EQ(trials_.status(0), Status::kEvaluated);
  EXPECT_EQ(trials_.goals(0)[0], -2);
  EXPECT_EQ(trials_.goals(0)[1], 3);
  EXPECT_FALSE(trials_.pending_points().Contains(UnitAt(0.5)));
  EXPECT_TRUE(trials_.evaluated_points().Contains(UnitAt(0.5)));
  trials_.SetPending(7);
  EXPECT_EQ(trials_.pending(), 1);
  trials_.Erase(7);
  EXPECT_EQ(trials_.size(), 0u);
  EXPECT_EQ(trials_.pending(), 0);
  for (const VisitedPoints* points : trials_.points()) EXPECT_EQ(points->size(), 0u);
  EXPECT_EQ(trials_.encodings(), 1) << "what becomes of a trial costs no encoding";
}

TEST_F(EncodedTrialsTest, StandByAscendingId) {
  for (const int64_t id : {5, 2, 9, 3}) {
    trials_.Add(id, At(0.1 * static_cast<double>(id)));
    trials_.SetFinished(id, {static_cast<double>(id), 0}, false);
  }
  trials_.Erase(5);
  ASSERT_EQ(trials_.size(), 3u);
  for (size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(trials_.id(row), (std::vector<int64_t>{2, 3, 9})[row]);
    EXPECT_EQ(trials_.goals(row)[0], -static_cast<double>(trials_.id(row)));
    EXPECT_EQ(trials_.unit(row), UnitAt(0.1 * static_cast<double>(trials_.id(row))));
  }
  EXPECT_TRUE(trials_.Contains(9));
  EXPECT_FALSE(trials_.Contains(5));
  EXPECT_EQ(trials_.LowerBound(4), 2u);
}

TEST_F(EncodedTrialsTest, TellFailuresAndForeignPoints) {
  trials_.Add(1, At(0.1));
  trials_.SetFinished(1, {1, std::nan("")}, false);
  trials_.Add(2, At(0.2));
  trials_.SetFinished(2, {1, 2}, true);
  trials_.Add(3, At(0.3));
  trials_.SetFinished(3, {1}, false);
  trials_.Add(4, {{"x", 0.1}});
  trials_.SetFinished(4, {1, 2}, false);
  EXPECT_EQ(trials_.failed(), 3);
  EXPECT_EQ(trials_.evaluated(), 0);
  EXPECT_EQ(trials_.status(3), Status::kForeign);
  EXPECT_TRUE(trials_.failed_points().Contains(UnitAt(0.1)));
  EXPECT_FALSE(trials_.failed_points().Contains(UnitAt(0.4)));
  trials_.Add(5, At(0.2));
  trials_.SetFinished(5, {1, 2}, false);
  EXPECT_EQ(trials_.PointsThatOnlyFailed(), (std::vector<UnitPoint>{UnitAt(0.1), UnitAt(0.3)}));
}

TEST_F(EncodedTrialsTest, HaveAKeyThatTellsWhichTrialsThereAre) {
  trials_.Add(1, At(0.1));
  trials_.Add(2, At(0.2));
  const uint64_t key = trials_.KeyOfFirst(2);
  trials_.Add(3, At(0.3));
  EXPECT_EQ(trials_.KeyOfFirst(2), key);
  EXPECT_NE(trials_.KeyOfFirst(3), key);
  trials_.Erase(1);
  EXPECT_NE(trials_.KeyOfFirst(2), key) << "2 and 3";
  EXPECT_NE(trials_.KeyOfFirst(1), key);
  trials_.Add(1, At(0.1));
  EXPECT_EQ(trials_.KeyOfFirst(2), key);
}

TEST_F(EncodedTrialsTest, TellPointsOutsideTheBounds) {
  trials_.Add(1, At(1));
  trials_.Add(2, At(1.5));
  trials_.Add(3, At(-1.5));
  EXPECT_TRUE(trials_.IsInside(0));
  EXPECT_FALSE(trials_.IsInside(1));
  EXPECT_FALSE(trials_.IsInside(2));
}

TEST_F(EncodedTrialsTest, RememberAPointAsLongAsOneOfItsTrialsIsThere) {
  trials_.Add(1, At(0.1));
  trials_.Add(2, At(0.1));
  trials_.Erase(1);
  EXPECT_TRUE(trials_.pending_points().Contains(UnitAt(0.1)));
  trials_.Erase(2);
  EXPECT_FALSE(trials_.pending_points().Contains(UnitAt(0.1)));
}

// 100,000 trials of a space of 40 categories with 32 levels each: 1,280 columns of features.
TEST(EncodedTrials, OfAWideSpaceAreSmall) {
  std::string text;
  Point point;
  for (int i = 0; i < 40; ++i) {
    const std::string id = absl::StrCat("c", i);
    absl::StrAppend(&text, "parameters { parameter_id: '", id, "' categorical_value_spec {");
    for (int level = 0; level < 32; ++level) absl::StrAppend(&text, " values: 'v", level, "'");
    absl::StrAppend(&text, " } }");
    point[id] = "v7";
  }
  EncodedTrials trials(Space(text), {{.metric = "gain"}});
  ASSERT_EQ(trials.flatten().feature_dimension(), 1280);
  for (int id = 1; id <= 1024; ++id) {
    trials.Add(id, point);
    trials.SetFinished(id, {1}, false);
  }
  EXPECT_LT(trials.bytes() / 1024 * 100'000, 100u << 20);
}

}  // namespace
}  // namespace photinus
