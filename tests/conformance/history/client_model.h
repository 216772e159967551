// What one client holds, and so what it is given when it asks again (C4).
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_CLIENT_MODEL_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_CLIENT_MODEL_H_

#include <cstdint>
#include <set>
#include <string>

#include "tests/conformance/history/linearizability.h"

namespace photinus {

// Its calls are SuggestTrials and PullTrial of the client, and whatever may end the run of a trial that it ever had.
class ClientModel {
 public:
  using State = std::set<int64_t>;  // its ACTIVE trials

  bool Apply(const ObjectCall& call, State& active) const;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_CLIENT_MODEL_H_
