// Which of the processes under one worker's name counts (C11).
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_WORKER_MODEL_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_WORKER_MODEL_H_

#include <compare>
#include <set>
#include <string>

#include "tests/conformance/history/linearizability.h"

namespace photinus {

// Its calls are the answered pulls of the worker.
class WorkerModel {
 public:
  struct State {
    std::string incarnation;           // the one that counts
    std::set<std::string> superseded;  // those before it

    friend auto operator<=>(const State&, const State&) = default;
    friend bool operator==(const State&, const State&) = default;
  };

  bool Apply(const ObjectCall& call, State& state) const;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_WORKER_MODEL_H_
