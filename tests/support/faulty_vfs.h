// A file system for SQLite whose disk fails on command.
#ifndef PHOTINUS_TESTS_SUPPORT_FAULTY_VFS_H_
#define PHOTINUS_TESTS_SUPPORT_FAULTY_VFS_H_

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace photinus {

// Passes everything on to the system's file system, but for the faults that are switched on. Must outlive the
// connections that use it (SqliteOptions::vfs = name()). Thread-safe.
class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  const std::string& name() const { return name_; }

  std::atomic<bool> sync_fails = false;    // fdatasync gives EIO
  std::atomic<bool> write_fails = false;   // write gives EIO
  std::atomic<bool> disk_is_full = false;  // write gives ENOSPC
  std::string full_while_exists;           // disk_is_full only while there is a file of this name; set before it
  std::atomic<int64_t> syncs = 0;          // that were asked for so far

 private:
  const std::string name_;
  sqlite3_vfs vfs_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_FAULTY_VFS_H_
