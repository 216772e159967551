// Keeps a storage from being called inside one of its own bodies, which could wait for itself.
#ifndef PHOTINUS_SERVER_STORAGE_STORAGE_GUARD_H_
#define PHOTINUS_SERVER_STORAGE_STORAGE_GUARD_H_

#include <utility>

#include "absl/status/status.h"
#include "server/storage/storage.h"

namespace photinus {

// Marks the thread for the time of one body.
class InsideStorage {
 public:
  explicit InsideStorage(const Storage& storage) : outer_(std::exchange(current_, &storage)) {}
  ~InsideStorage() { current_ = outer_; }
  InsideStorage(const InsideStorage&) = delete;
  InsideStorage& operator=(const InsideStorage&) = delete;

  // Internal: this thread runs a body of the storage.
  static absl::Status CheckNot(const Storage& storage) {
    if (current_ != &storage) return absl::OkStatus();
    return absl::InternalError("storage was called inside one of its own transactions or reads");
  }

 private:
  inline static thread_local const Storage* current_ = nullptr;

  const Storage* const outer_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_STORAGE_GUARD_H_
