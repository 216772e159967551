#include "common/base/errors.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(Errors, FieldPathsGrowOutwards) {
  const absl::Status inner = FieldError("min", "must be a number");
  const absl::Status outer = InField("parameters[2]", inner);
  EXPECT_EQ(outer.message(), "parameters[2].min: must be a number");
  EXPECT_EQ(ErrorField(outer), "parameters[2].min");
  EXPECT_EQ(ErrorReason(outer), "INVALID_ARGUMENT");
}

TEST(Errors, InFieldLeavesOtherStatusesAlone) {
  EXPECT_EQ(InField("x", absl::NotFoundError("no")).message(), "no");
  EXPECT_TRUE(InField("x", absl::OkStatus()).ok());
}

TEST(Errors, EditDistanceCountsASwapOnce) {
  EXPECT_EQ(EditDistance("rl", "lr"), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("", "abc"), 3);
}

TEST(Errors, DidYouMeanNamesTheNearestWord) {
  const std::vector<std::string> known = {"horizon", "curve", "rule"};
  EXPECT_EQ(DidYouMean("horizn", known), "; did you mean 'horizon'?");
  EXPECT_EQ(DidYouMean("completely-different", known), "");
}

}  // namespace
}  // namespace photinus
