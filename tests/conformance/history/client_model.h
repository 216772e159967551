// What one client holds, and so what it is given when it asks again (C4).
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_CLIENT_MODEL_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_CLIENT_MODEL_H_

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "tests/conformance/history/linearizability.h"

namespace photinus {

// Its calls are SuggestTrials and PullTrial of the client, and whatever may end the run of a trial that it ever had.
class ClientModel {
 public:
  struct State {
    std::map<int64_t, std::string> active;  // its trials of that state, with the tokens of their leases
    std::string incarnation;                // a worker's: under which it had the last one

    friend auto operator<=>(const State&, const State&) = default;
    friend bool operator==(const State&, const State&) = default;
  };

  bool Apply(const ObjectCall& call, State& state) const;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_CLIENT_MODEL_H_
