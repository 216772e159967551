// The end of deleted studies and trials: service.md C24.
#ifndef PHOTINUS_SERVER_STUDY_ERASURE_H_
#define PHOTINUS_SERVER_STUDY_ERASURE_H_

#include <functional>

#include "absl/status/status.h"
#include "server/storage/storage.h"

namespace photinus {

// Erases what they left, in small transactions with room for others in between, until nothing is left or
// `stopped`. To be called now and then, by one thread at a time.
absl::Status EraseDeleted(Storage& storage, const std::function<bool()>& stopped);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_ERASURE_H_
