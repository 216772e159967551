// What a call carries besides its request.
#ifndef PHOTINUS_COMMON_RPC_CALL_OPTIONS_H_
#define PHOTINUS_COMMON_RPC_CALL_OPTIONS_H_

#include <string>

#include "absl/time/time.h"
#include "common/rpc/cancellation.h"

namespace photinus {

struct CallOptions {
  // Of all attempts together; then DeadlineExceeded. The bytes of an artifact take their time besides.
  absl::Duration timeout = absl::Seconds(30);
  // How often an Unavailable or Aborted call is tried in all; 0: until the timeout.
  int max_attempts = 4;
  // While there is no connection, wait for one instead of failing with Unavailable.
  bool wait_for_connection = false;
  Cancellation* cancellation = nullptr;  // borrowed; nullptr: cannot be cancelled
  std::string lease_token;               // header x-lease-token; empty: none
  // Header x-request-id: what the caller itself repeats carries the same id again. Empty: a fresh one for each call
  // that needs one, which its own repetitions share.
  std::string request_id;
  bool strict_create = false;  // header x-strict-create: CreateStudy gives no study that existed
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_CALL_OPTIONS_H_
