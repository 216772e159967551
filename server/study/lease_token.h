// The proof that a worker still holds a trial: study uid, trial id and epoch.
#ifndef PHOTINUS_SERVER_STUDY_LEASE_TOKEN_H_
#define PHOTINUS_SERVER_STUDY_LEASE_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace photinus {

// The epoch of a trial grows with every new holder, so an older token never fits again.
struct LeaseToken {
  int64_t study_uid = 0;
  int64_t trial_id = 0;
  int64_t epoch = 0;

  // InvalidArgument unless `text` came from ToString.
  static absl::StatusOr<LeaseToken> Parse(std::string_view text);
  std::string ToString() const;
  friend bool operator==(const LeaseToken&, const LeaseToken&) = default;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_LEASE_TOKEN_H_
