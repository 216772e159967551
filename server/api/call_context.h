// What a handler knows of the call besides its request; no gRPC type, so that HTTP and tests call the same functions.
#ifndef PHOTINUS_SERVER_API_CALL_CONTEXT_H_
#define PHOTINUS_SERVER_API_CALL_CONTEXT_H_

#include <functional>
#include <map>
#include <string>

#include "absl/time/time.h"

namespace photinus {

struct CallContext {
  absl::Duration remaining = absl::InfiniteDuration();  // until the client's deadline
  std::string lease_token;                              // header x-lease-token; empty: none
  std::function<bool()> cancelled;                      // nobody waits any more; may be null
  std::map<std::string, std::string> trailing;          // metadata to send with the reply, by the handler
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_CALL_CONTEXT_H_
