// A study's trials by what they are for: those of the search, retests of the best, networks to compare with.
#ifndef PHOTINUS_CLIENT_CLI_REPORT_STUDY_RESULTS_H_
#define PHOTINUS_CLIENT_CLI_REPORT_STUDY_RESULTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/study_client.h"

namespace photinus {

// Each list by ascending id. INFEASIBLE trials are in none.
struct StudyResults {
  std::vector<pb::Trial> searched;                          // SUCCEEDED
  std::map<int64_t, std::vector<pb::Trial>> retests;        // of each trial: waiting, running and SUCCEEDED
  std::map<std::string, std::vector<pb::Trial>> baselines;  // of each network, alike
};

absl::StatusOr<StudyResults> ReadResults(const StudyName& study, StudyClient& client);

// The `count` trials with the best final value of the metric, best first; of equal ones those that came first.
// Trials without a finite value are left out.
std::vector<const pb::Trial*> BestBy(const pb::StudySpec::MetricSpec& metric,
                                     const std::vector<const pb::Trial*>& trials, size_t count);

// The `architecture` of a baseline's metadata that names a published network, and back; empty: it is none.
std::string BaselineArchitecture(const std::string& network);
std::string BaselineOf(const pb::Trial& trial);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_STUDY_RESULTS_H_
