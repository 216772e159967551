// Many clients and workers that get into each other's way on a few trials of one study.
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_WORKLOAD_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/conformance/history/history.h"

namespace photinus {

struct Workload {
  std::vector<std::string> addresses;  // of replicas of the same studies; each call goes to any of them
  std::string study;                   // new, and the only one that workers may pull from; see WorkloadStudy
  int operations = 5000;
  uint64_t seed = 1;
  std::function<void()> expire_leases;  // makes time pass, so that every lease expires; null: it does not
  bool wait_for_ready = false;          // for servers that come and go: a call waits until there is a connection
};

// What Workload::study is created from.
pb::Study WorkloadStudy(const std::string& display_name);

// Runs it to its end; the last operation reads all trials, and its outcome is known.
std::vector<Operation> RunWorkload(const Workload& workload);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_WORKLOAD_H_
