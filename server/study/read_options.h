// What whoever asks allows a read.
#ifndef PHOTINUS_SERVER_STUDY_READ_OPTIONS_H_
#define PHOTINUS_SERVER_STUDY_READ_OPTIONS_H_

#include <functional>

#include "absl/status/status.h"

namespace photinus {

struct ReadOptions {
  bool may_be_long = true;          // may read a whole study; else what has to do so is LongReadNeeded
  std::function<bool()> cancelled;  // nobody waits any more; may be null

  // Cancelled once nobody waits. Long reads ask between their batches.
  absl::Status Check() const;
};

// Tells those that must not be held up to ask again where a long read is allowed; no client ever sees it.
absl::Status LongReadNeeded();
bool IsLongReadNeeded(const absl::Status& status);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_READ_OPTIONS_H_
