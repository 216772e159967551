// A disk that loses its power: what was synced stays, what was not may stay, be torn, or be gone.
#ifndef PHOTINUS_TESTS_SUPPORT_POWER_CUT_DISK_H_
#define PHOTINUS_TESTS_SUPPORT_POWER_CUT_DISK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "tests/support/vfs_shim.h"

namespace photinus {

// Writes arrive in sectors of 512 bytes, in any order, until a sync. A file's new length arrives on its own, and so
// does its creation or removal, in order, unless the file or its folder is synced. Nothing is really synced, so it is
// fast. Equal calls and seeds give equal disks. Thread-safe.
class PowerCutDisk final : public VfsShim {
 public:
  // Which syncs are acknowledged and not done, as by a disk, or a program, that should not be trusted.
  enum class Skips { kNothing, kLogSyncs, kDatabaseSyncs, kAllSyncs };

  PowerCutDisk(uint64_t seed, Skips skips) : skips_(skips), random_(seed) {}

  // The power goes at the `changes`-th write, truncation, sync, creation or removal from now, and every later one
  // fails.
  void CutPowerAfter(int64_t changes);
  bool IsCut() const;

  // Power returns: the files become what this disk held on to. All of them must be closed.
  void RestorePower();

  int Open(const char* path, File& file, int flags, int* out_flags) override;
  int Delete(const char* path, bool sync_folder) override;
  int Write(File& file, const void* data, int size, int64_t offset) override;
  int Truncate(File& file, int64_t size) override;
  int Sync(File& file, int flags) override;
  int FileControl(File& file, int operation, void* argument) override;

 private:
  // What happened to a file since its last sync.
  struct Change {
    enum class Kind { kCreate, kRemove, kWrite, kTruncate } kind;
    int64_t offset = 0;  // of a write; the length after a truncation
    std::string bytes;

    bool IsOfName() const;
  };
  struct Image {
    std::optional<std::string> synced;  // nullopt: no such file
    std::vector<Change> changes;
    bool next_sync_syncs_folder = false;  // as SQLite does with new logs and journals

    void SyncName();
    void SyncAll();
  };

  // False once the power is gone.
  bool HasPower() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Skipped(const char* path) const;
  std::optional<std::string> WhatSurvives(const Image& image) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Skips skips_;

  mutable Mutex mutex_;
  Random random_ ABSL_GUARDED_BY(mutex_);
  int64_t changes_left_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  std::map<std::string, Image> images_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_POWER_CUT_DISK_H_
