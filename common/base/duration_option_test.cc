#include "common/base/duration_option.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace photinus {
namespace {

struct Case {
  std::string name;
  std::string text;
  std::optional<absl::Duration> duration;  // nullopt: refused
};

class DurationOptionTest : public ::testing::TestWithParam<Case> {};

TEST_P(DurationOptionTest, IsParsed) {
  CLI::App app;
  absl::Duration value = absl::Seconds(5);
  AddDurationOption(app, "--grace", value, absl::Seconds(1), absl::Hours(24), "how long");
  std::optional<absl::Duration> parsed;
  try {
    app.parse("--grace=" + GetParam().text);
    parsed = value;
  } catch (const CLI::ValidationError&) {
    EXPECT_EQ(value, absl::Seconds(5));
  }
  EXPECT_EQ(parsed, GetParam().duration);
}

INSTANTIATE_TEST_SUITE_P(
    Table, DurationOptionTest,
    ::testing::Values(Case{"PlainSeconds", "90", absl::Seconds(90)}, Case{"Fraction", "1.5", absl::Milliseconds(1500)},
                      Case{"Seconds", "90s", absl::Seconds(90)}, Case{"Minutes", "2m", absl::Minutes(2)},
                      Case{"Mixed", "1h30m", absl::Minutes(90)}, Case{"Least", "1s", absl::Seconds(1)},
                      Case{"Most", "24h", absl::Hours(24)}, Case{"TooShort", "500ms", std::nullopt},
                      Case{"TooLong", "86401", std::nullopt}, Case{"Infinite", "inf", std::nullopt},
                      Case{"NotANumber", "nan", std::nullopt}, Case{"Negative", "-5s", std::nullopt},
                      Case{"Words", "soon", std::nullopt}, Case{"UnknownUnit", "2d", std::nullopt}),
    [](const auto& info) { return info.param.name; });

TEST(DurationOption, ShowsItsDefault) {
  CLI::App app;
  absl::Duration value = absl::Seconds(90);
  AddDurationOption(app, "--grace", value, absl::Seconds(1), absl::Hours(24), "how long");
  EXPECT_NE(app.help().find("1m30s"), std::string::npos) << app.help();
}

}  // namespace
}  // namespace photinus
