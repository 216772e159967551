#include "common/base/duration_option.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

std::optional<absl::Duration> ParseDuration(const std::string& text) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) return absl::Seconds(seconds);
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration)) return duration;
  return std::nullopt;
}

}  // namespace

CLI::Option* AddDurationOption(CLI::App& app, const std::string& name, absl::Duration& value, absl::Duration least,
                               absl::Duration most, const std::string& description) {
  const auto parse = [name, &value, least, most](const std::string& text) {
    const std::optional<absl::Duration> duration = ParseDuration(text);
    if (!duration.has_value()) {
      throw CLI::ValidationError(name, absl::StrCat("'", text, "' is no duration; write seconds, or 90s, 2m, 1h30m"));
    }
    if (*duration < least || *duration > most) {
      throw CLI::ValidationError(name, absl::StrCat("'", text, "' is not in ", absl::FormatDuration(least), " to ",
                                                    absl::FormatDuration(most)));
    }
    value = *duration;
  };
  return app.add_option_function<std::string>(name, parse, description)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

}  // namespace photinus
