#include "common/base/errors.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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
  EXPECT_EQ(EditDistance("Median", "mEDIAN"), 0) << "whatever the case";
}

TEST(Errors, WhatSomebodyWroteIsQuotedShortly) {
  EXPECT_EQ(Quoted("lr"), "'lr'");
  EXPECT_EQ(Quoted(std::string(1 << 20, 'x')), absl::StrCat("'", std::string(97, 'x'), "...'"));
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\u00fc";  // two bytes each
  EXPECT_EQ(Quoted(umlauts), absl::StrCat("'", umlauts.substr(0, 96), "...'"));
}

TEST(Errors, DidYouMeanComparesNoMoreThanWords) {
  const std::vector<std::string> known(1000, std::string(65, 'x'));
  EXPECT_EQ(DidYouMean(std::string(64, 'x'), known), absl::StrCat("; did you mean '", known[0], "'?"));
  EXPECT_EQ(DidYouMean(std::string(66, 'x'), known), "");
  EXPECT_EQ(DidYouMean(std::string(10 << 20, 'x'), known), "");
  EXPECT_EQ(DidYouMean("x", std::vector<std::string>(1000, std::string(1 << 20, 'x'))), "");
}

TEST(Errors, DidYouMeanNamesTheNearestWord) {
  const std::vector<std::string> known = {"horizon", "curve", "rule"};
  EXPECT_EQ(DidYouMean("horizn", known), "; did you mean 'horizon'?");
  EXPECT_EQ(DidYouMean("completely-different", known), "");
  const std::vector<std::string> rules = {"NONE", "MEDIAN"};
  EXPECT_EQ(DidYouMean("median", rules), "; did you mean 'MEDIAN'?");
  EXPECT_EQ(DidYouMean("CONVEX", rules), "") << "three letters of four";
  EXPECT_EQ(DidYouMean("NON", rules), "; did you mean 'NONE'?");
}

}  // namespace
}  // namespace photinus
