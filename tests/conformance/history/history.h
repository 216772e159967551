// What the clients of a study did and heard, on one clock.
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_HISTORY_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_HISTORY_H_

#include <atomic>
#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "common/base/pb.h"

namespace photinus {

// One measurement, as far as the workload uses them.
struct Reading {
  int64_t step = 0;
  double y = 0;
  friend auto operator<=>(const Reading&, const Reading&) = default;
};

// A trial as an answer shows it, as far as the workload uses it.
struct TrialView {
  int64_t id = 0;
  pb::Trial::State state = pb::Trial::REQUESTED;
  std::string client;
  double x = 0;
  std::optional<double> result;  // of the final measurement
  std::vector<Reading> readings;
  std::map<std::string, std::string> metadata;
};

enum class Action {
  kCreateTrial,
  kSuggest,
  kPull,
  kMeasure,
  kComplete,
  kCompleteInfeasible,
  kStop,
  kDelete,
  kSetMetadata,
  kRelease,
  kGet,
  kList,
  kExpireLeases,  // nobody's call: time passes between begin and end, and leases given before may expire from then on
};

enum class Outcome {
  kUnknown,  // it may have happened, may happen later or never
  kOk,
  kRefused,  // FAILED_PRECONDITION
  kLeaseLost,
  kSuperseded,  // WORKER_SUPERSEDED
  kNotFound,
  kFault,  // an answer that the service never gives
};

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// One call. Of the arguments those count that the action has.
struct Operation {
  Action action = Action::kGet;
  std::string client;       // kSuggest, kPull
  std::string worker;       // kPull
  std::string incarnation;  // kPull: of the worker's process
  int count = 1;            // kSuggest
  int64_t trial = 0;        // of the actions on one trial
  std::string token;        // that was sent, empty: none; kPull: that was received
  double x = 0;             // kCreateTrial: different in every call
  Reading reading;          // kMeasure; kComplete: y
  std::string key, value;

  int64_t begin = 0;
  int64_t end = kNever;  // kNever: no answer came
  Outcome outcome = Outcome::kUnknown;
  std::vector<TrialView> trials;  // that the answer shows: all of the study for kList
  std::string fault;              // kFault: what it was

  // One line for people; with or without what it heard.
  std::string ToString(bool with_answer = true) const;
};

// Thread-safe.
class History {
 public:
  // The next tick of the clock that orders beginnings and ends.
  int64_t Tick() { return ++clock_; }
  void Add(Operation operation) {
    const MutexLock lock(mutex_);
    operations_.push_back(std::move(operation));
  }
  // Once all clients are done.
  std::vector<Operation> Take() {
    const MutexLock lock(mutex_);
    return std::move(operations_);
  }

 private:
  std::atomic<int64_t> clock_ = 0;

  Mutex mutex_;
  std::vector<Operation> operations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_HISTORY_H_
