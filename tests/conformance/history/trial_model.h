// One trial as the contract has it, without concurrency.
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_TRIAL_MODEL_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_TRIAL_MODEL_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/conformance/history/linearizability.h"

namespace photinus {

enum class Phase { kNone, kRequested, kActive, kStopping, kSucceeded, kInfeasible, kDeleted };

struct TrialState {
  Phase phase = Phase::kNone;
  std::string client;
  bool leased = false;
  std::string incarnation;  // of the process that holds the lease
  std::string token;        // the newest; empty: its holder has none; "?": nobody has heard of it
  std::optional<double> x;  // once an answer has shown it
  std::optional<double> result;
  bool completed = false;  // by a client, rather than given up
  int losses = 0;
  std::vector<Reading> readings;       // of this attempt
  std::string last_client;             // of the attempt before, which its holder may yet complete
  std::vector<Reading> last_readings;  // the same
  std::set<std::string> released;      // tokens that were given back
  std::map<std::string, std::string> metadata;

  friend auto operator<=>(const TrialState&, const TrialState&) = default;
  friend bool operator==(const TrialState&, const TrialState&) = default;
};

class TrialModel {
 public:
  using State = TrialState;

  explicit TrialModel(int64_t id) : id_(id) {}

  bool Apply(const ObjectCall& call, TrialState& state) const;

 private:
  const int64_t id_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_TRIAL_MODEL_H_
