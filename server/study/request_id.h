// Requests that carry an id of the client's (header x-request-id): a repetition is known again and changes nothing;
// service.md C2, C18.
#ifndef PHOTINUS_SERVER_STUDY_REQUEST_ID_H_
#define PHOTINUS_SERVER_STUDY_REQUEST_ID_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/storage/storage.h"

namespace photinus {

// An id is remembered for so long; where so many came after it, only until none of our clients repeats it any more.
inline constexpr absl::Duration kRequestLifetime = absl::Hours(1);
inline constexpr int64_t kRequestsKept = 65536;
inline constexpr absl::Duration kShortRequestLifetime = absl::Minutes(10);

struct RequestId {
  std::string id;    // empty: a repetition cannot be told from another request
  std::string call;  // what is asked of what; an id belongs to one call
};

// The uid under which requests are remembered that make or delete a study.
inline constexpr int64_t kServerRequests = 0;

// The result that was noted when the request was served; nullopt: it was not, or carries no id. InvalidArgument: its id
// was that of another call.
absl::StatusOr<std::optional<int64_t>> FindServed(Snapshot& snapshot, int64_t study_uid, const RequestId& request);

// Notes that the request was served, in the transaction that does what it asks, if it carries an id.
absl::Status NoteServed(Transaction& transaction, int64_t study_uid, const RequestId& request, int64_t result,
                        absl::Time now);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_REQUEST_ID_H_
