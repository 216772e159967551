// Command-line options that are durations.
#ifndef PHOTINUS_COMMON_BASE_DURATION_OPTION_H_
#define PHOTINUS_COMMON_BASE_DURATION_OPTION_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/time/time.h"

namespace photinus {

// Adds an option that sets `value`, whose present one is the default: seconds ("90", "0.5"), or numbers with units
// ("90s", "1h30m", "500ms"). Parsing refuses what is outside [least, most].
CLI::Option* AddDurationOption(CLI::App& app, const std::string& name, absl::Duration& value, absl::Duration least,
                               absl::Duration most, const std::string& description);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_DURATION_OPTION_H_
