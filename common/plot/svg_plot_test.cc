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

// So that the ninth network of a figure does not look like its background.
TEST(ToSvg, DrawsACloudInGreyAndKeepsTheColours) {
  Plot plot{.title = "t", .series = {{.name = "cloud", .points = {{0, 0}}, .marks = Marks::kCloud}}};
  const std::string alone = ToSvg({.title = "t", .series = {{.name = "a", .points = {{0, 0}}, .marks = Marks::kDots}}});
  plot.series.push_back({.name = "a", .points = {{0, 0}}, .marks = Marks::kDots});
  const std::string svg = ToSvg(plot);
  EXPECT_THAT(svg, HasSubstr("fill=\"#888\""));
  EXPECT_THAT(svg, HasSubstr("fill=\"#0072b2\""));
  EXPECT_THAT(alone, HasSubstr("fill=\"#0072b2\""));
}

TEST(ToSvg, HasRoundTicksOnALogarithmicAxis) {
  const std::string svg =
      ToSvg({.title = "t", .log_x = true, .series = {{.name = "a", .points = {{0.25, 0}, {4, 10}}}}});
  for (const char* tick : {">0.5<", ">1<", ">2<"}) EXPECT_THAT(svg, HasSubstr(tick));
  EXPECT_THAT(svg, Not(HasSubstr(">0.2<")));
  EXPECT_THAT(svg, Not(HasSubstr(">5<")));
}

}  // namespace
}  // namespace photinus
