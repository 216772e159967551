// The option --filter: which trials a command means.
#ifndef PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_FILTER_H_
#define PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_FILTER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"

namespace photinus {

inline constexpr Option kFilterOption = {"--filter", "EXPR", "only trials for which this holds (docs/cli.md)"};

// The trials that the options --filter, --sort and --limit ask for; all where a command has none of them.
// InvalidArgument names the option.
absl::StatusOr<std::vector<pb::Trial>> QueriedTrials(const Args& args, const StudyName& study, StudyClient& client);

// The numbers of the trials for which --filter holds; nullopt without that option.
absl::StatusOr<std::optional<std::set<int64_t>>> FilteredIds(const Args& args, const StudyName& study,
                                                             StudyClient& client);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_FILTER_H_
