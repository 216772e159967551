// Which trials a command means.
#ifndef PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_FILTER_H_
#define PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_FILTER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/report/network_runs.h"

namespace photinus {

inline constexpr Option kFilterOption = {"--filter", "EXPR", "only trials for which this holds (docs/cli.md)"};

// The trials that the options --filter, --sort and --limit ask for; all where a command has none of them.
// InvalidArgument names the option.
absl::StatusOr<std::vector<pb::Trial>> QueriedTrials(const Args& args, const StudyName& study, StudyClient& client);

// Which trials may win: those that satisfy the study's outcome constraints, have all its safety metrics on the safe
// side, and pass the filter (empty: any does). InvalidArgument names the option --filter.
absl::StatusOr<WinnerLimits> ReadWinnerLimits(const std::string& filter, const StudyName& study,
                                              const pb::StudySpec& spec, StudyClient& client);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_FILTER_H_
