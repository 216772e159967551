// A service between clients and a replica that gets things wrong, each fault as a bug of a server would.
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_FAULTY_PROXY_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_FAULTY_PROXY_H_

#include <memory>
#include <string>

namespace photinus {

enum class Fault {
  kNone,
  kLostMessages,        // no bug: requests and answers get lost, and the client hears Unavailable
  kRepeatedMessages,    // no bug: some requests arrive twice
  kLateMessages,        // no bug: some requests arrive again, long after they were answered
  kLostUpdate,          // a measurement is acknowledged and not stored
  kIdReuse,             // a new trial has the id of a deleted one
  kDoubleAssignment,    // a client is given what another has
  kStaleRead,           // a read gives what was true before
  kReplayAppliedTwice,  // a measurement that is sent twice is stored twice
  kForgottenIds,        // requests that come late are not known again by their ids
  kRequeuedCompletion,  // a worker that lost its trial completes it
};

// Passes on what the workload calls, but for the fault, which happens now and then.
class FaultyProxy {
 public:
  FaultyProxy(const std::string& replica, Fault fault);
  ~FaultyProxy();

  const std::string& address() const;

 private:
  struct Parts;

  const std::unique_ptr<Parts> parts_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_FAULTY_PROXY_H_
