// A file system for SQLite between it and the system's, for tests that must see or change what goes to the disk.
#ifndef PHOTINUS_TESTS_SUPPORT_VFS_SHIM_H_
#define PHOTINUS_TESTS_SUPPORT_VFS_SHIM_H_

#include <sqlite3.h>

#include <cstdint>
#include <string>

namespace photinus {

// Passes everything on to the system's file system; subclasses override what they care about, and call the method of
// this class to pass it on. Methods return SQLite's result codes and are called from any thread. Must outlive the
// connections that use it (SqliteOptions::vfs = name()).
class VfsShim {
 public:
  // An open file.
  struct File {
    sqlite3_file base;  // what SQLite knows of it
    VfsShim* vfs;
    const char* path;  // null: a temporary one

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }  // follows in memory
    int64_t Size();
  };

  VfsShim();
  virtual ~VfsShim();
  VfsShim(const VfsShim&) = delete;
  VfsShim& operator=(const VfsShim&) = delete;

  const std::string& name() const { return name_; }

  virtual int Open(const char* path, File& file, int flags, int* out_flags);
  virtual int Delete(const char* path, bool sync_folder);
  virtual int Read(File& file, void* data, int size, int64_t offset);
  virtual int Write(File& file, const void* data, int size, int64_t offset);
  virtual int Truncate(File& file, int64_t size);
  virtual int Sync(File& file, int flags);
  virtual int ShmMap(File& file, int block, int size, bool extend, void volatile** memory);
  // SQLITE_FCNTL_SIZE_HINT makes a file larger.
  virtual int FileControl(File& file, int operation, void* argument);

 private:
  const std::string name_;
  sqlite3_vfs vfs_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_VFS_SHIM_H_
