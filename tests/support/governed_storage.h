// A storage whose commits a test can hold back, cut off and hide.
#ifndef PHOTINUS_TESTS_SUPPORT_GOVERNED_STORAGE_H_
#define PHOTINUS_TESTS_SUPPORT_GOVERNED_STORAGE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "server/storage/storage.h"

namespace photinus {

// Passes everything on to the storage that it borrows, but for what a test says. Thread-safe.
class GovernedStorage final : public Storage {
 public:
  explicit GovernedStorage(Storage& storage) : storage_(storage) {}

  // Lets `allowed` more transactions pass; later ones wait.
  void HoldAfter(int64_t allowed) {
    const MutexLock lock(mutex_);
    allowed_ = allowed;
    changed_.NotifyAll();
  }
  // Returns once a transaction waits and none may pass.
  void AwaitHeld() {
    const MutexLock lock(mutex_);
    while (held_ == 0 || allowed_ > 0) changed_.Wait(mutex_);
  }
  void LetPass() {
    const MutexLock lock(mutex_);
    allowed_ = kNoLimit;
    changed_.NotifyAll();
  }
  // As the process ends: nothing is changed any more, whatever waits included.
  void CutOff() {
    const MutexLock lock(mutex_);
    cut_off_ = true;
    changed_.NotifyAll();
  }
  void Reconnect() {
    const MutexLock lock(mutex_);
    cut_off_ = false;
  }
  // The next transaction commits, and its caller is told that this is unknown.
  void HideNextCommit() {
    const MutexLock lock(mutex_);
    hide_next_ = true;
  }
  // The next transaction is not run, and its caller is told this.
  void RefuseNext(const absl::Status& status) {
    const MutexLock lock(mutex_);
    refused_ = status;
  }
  int64_t transactions() {
    const MutexLock lock(mutex_);
    return transactions_;
  }

  absl::Status Transact(absl::FunctionRef<absl::Status(Transaction&)> body) override {
    bool hide = false;
    {
      const MutexLock lock(mutex_);
      while (allowed_ == 0 && !cut_off_) {
        ++held_;
        changed_.NotifyAll();
        changed_.Wait(mutex_);
        --held_;
      }
      if (cut_off_) return absl::UnavailableError("the process has ended");
      if (allowed_ != kNoLimit) --allowed_;
      ++transactions_;
      if (const absl::Status refused = std::exchange(refused_, absl::OkStatus()); !refused.ok()) return refused;
      hide = hide_next_;
      hide_next_ = false;
    }
    const absl::Status status = storage_.Transact(body);
    return hide && status.ok() ? absl::UnavailableError("the change may have been stored") : status;
  }
  absl::Status Read(absl::FunctionRef<absl::Status(Snapshot&)> body) override { return storage_.Read(body); }
  bool Healthy() const override { return storage_.Healthy(); }
  absl::Status Backup(const std::string& path, const std::function<bool()>& stopped) override {
    return storage_.Backup(path, stopped);
  }
  SharedStorage* shared() override { return storage_.shared(); }

 private:
  static constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

  Storage& storage_;

  Mutex mutex_;
  CondVar changed_;
  int64_t allowed_ ABSL_GUARDED_BY(mutex_) = kNoLimit;
  int64_t held_ ABSL_GUARDED_BY(mutex_) = 0;  // transactions that wait now
  int64_t transactions_ ABSL_GUARDED_BY(mutex_) = 0;
  bool cut_off_ ABSL_GUARDED_BY(mutex_) = false;
  bool hide_next_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status refused_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_GOVERNED_STORAGE_H_
