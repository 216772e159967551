#include "common/plot/svg_plot.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ToSvg, DrawsLinesTicksAndEscapedNames) {
  const std::string svg = ToSvg({.title = "t",
                                 .x_label = "x",
                                 .y_label = "y",
                                 .log_y = true,
                                 .series = {{.name = "a<b", .points = {{0, 0.01}, {10, 1}}}}});
  EXPECT_THAT(svg, HasSubstr("<polyline points=\"70.0,400.0 630.0,40.0\""));
  EXPECT_THAT(svg, HasSubstr(">a&lt;b</text>"));
  EXPECT_THAT(svg, HasSubstr(">0.1</text>"));
  EXPECT_THAT(svg, HasSubstr("</svg>"));
}

TEST(ToSvg, DrawsDotsWithoutALine) {
  const std::string svg =
      ToSvg({.title = "t", .series = {{.name = "a", .points = {{0, 0}, {1, 1}}, .marks = Marks::kDots}}});
  EXPECT_THAT(svg, HasSubstr("<circle cx=\"70.0\" cy=\"400.0\""));
  EXPECT_THAT(svg, HasSubstr("<circle cx=\"630.0\" cy=\"40.0\""));
  EXPECT_THAT(svg, Not(HasSubstr("<polyline")));
}

}  // namespace
}  // namespace photinus
