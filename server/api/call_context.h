// What a handler knows of the call besides its request; no gRPC type, so that HTTP and tests call the same functions.
#ifndef PHOTINUS_SERVER_API_CALL_CONTEXT_H_
#define PHOTINUS_SERVER_API_CALL_CONTEXT_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/scheduling/thread_pool.h"
#include "server/study/read_options.h"
#include "server/study/request_id.h"

namespace photinus {

struct CallContext {
  absl::Duration remaining = absl::InfiniteDuration();  // until the client's deadline
  std::string lease_token;                              // header x-lease-token; empty: none
  std::string request_id;                               // header x-request-id; empty: none
  bool strict_create = false;                           // header x-strict-create
  std::function<bool()> cancelled;                      // nobody waits any more; may be null
  bool may_read_long = true;                            // else the handler may say LongReadNeeded ...
  bool called_again = false;                            // ... and this is the call after that, or after continue_on
  ThreadPool* continue_on = nullptr;                    // set by a handler: call it again there, where it may wait
  std::map<std::string, std::string> trailing;          // metadata to send with the reply, by the handler

  ReadOptions read_options() const { return {.may_be_long = may_read_long, .cancelled = cancelled}; }
};

// The request's id with what it asks: `method` of the resource `name`. InvalidArgument: an id of more than 256 bytes.
absl::StatusOr<RequestId> RequestIdOf(const CallContext& context, std::string_view method, const std::string& name);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_CALL_CONTEXT_H_
