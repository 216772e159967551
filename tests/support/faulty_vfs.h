// A file system for SQLite whose disk fails on command.
#ifndef PHOTINUS_TESTS_SUPPORT_FAULTY_VFS_H_
#define PHOTINUS_TESTS_SUPPORT_FAULTY_VFS_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "tests/support/vfs_shim.h"

namespace photinus {

// What goes wrong with one kind of call, from some call on until it is over. Thread-safe.
class Fault {
 public:
  void Begin() { calls_left_ = 0; }
  // From the n-th call on, which is the first for 1.
  void BeginAt(int64_t n) { calls_left_ = n - 1; }
  void End() { calls_left_ = kNever; }

  // Whether the call that is being made fails.
  bool Strikes() {
    int64_t left = calls_left_;
    while (left > 0) {
      if (calls_left_.compare_exchange_weak(left, left - 1)) return false;
    }
    if (left == 0) ++strikes_;
    return left == 0;
  }
  bool HasStruck() const { return strikes_ > 0; }

 private:
  static constexpr int64_t kNever = -1;
  std::atomic<int64_t> calls_left_ = kNever;
  std::atomic<int64_t> strikes_ = 0;
};

// Passes everything on, but for the faults that have begun. Thread-safe.
class FaultyVfs final : public VfsShim {
 public:
  Fault reads_fail;     // EIO
  Fault writes_fail;    // EIO
  Fault writes_short;   // half of the bytes arrive, then EIO
  Fault syncs_fail;     // EIO
  Fault disk_is_full;   // half of a write's bytes arrive, then ENOSPC
  Fault index_is_full;  // the index of the log cannot grow: ENOSPC

  std::atomic<int64_t> syncs = 0;  // that were asked for so far
  std::atomic<std::chrono::milliseconds> sync_takes{};

  int Read(File& file, void* data, int size, int64_t offset) override;
  int Write(File& file, const void* data, int size, int64_t offset) override;
  int Sync(File& file, int flags) override;
  int ShmMap(File& file, int block, int size, bool extend, void volatile** memory) override;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_FAULTY_VFS_H_
