#include "tests/support/vfs_shim.h"

#include <new>

namespace photinus {
namespace {

sqlite3_vfs* SystemVfs() { return sqlite3_vfs_find(nullptr); }

VfsShim::File& Ours(sqlite3_file* file) { return *reinterpret_cast<VfsShim::File*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Ours(file).real(); }

int Close(sqlite3_file* file) { return Real(file)->pMethods->xClose(Real(file)); }
int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return Ours(file).vfs->Read(Ours(file), data, size, offset);
}
int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  return Ours(file).vfs->Write(Ours(file), data, size, offset);
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) { return Ours(file).vfs->Truncate(Ours(file), size); }
int Sync(sqlite3_file* file, int flags) { return Ours(file).vfs->Sync(Ours(file), flags); }
int FileSize(sqlite3_file* file, sqlite3_int64* size) { return Real(file)->pMethods->xFileSize(Real(file), size); }
int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) { return Real(file)->pMethods->xUnlock(Real(file), level); }
int CheckReservedLock(sqlite3_file* file, int* held) {
  return Real(file)->pMethods->xCheckReservedLock(Real(file), held);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return Ours(file).vfs->FileControl(Ours(file), operation, argument);
}
int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
int DeviceCharacteristics(sqlite3_file* file) { return Real(file)->pMethods->xDeviceCharacteristics(Real(file)); }
int ShmMap(sqlite3_file* file, int block, int size, int extend, void volatile** memory) {
  return Ours(file).vfs->ShmMap(Ours(file), block, size, extend != 0, memory);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) { return Real(file)->pMethods->xShmUnmap(Real(file), remove); }

// Version 2: without memory-mapped reading, which would go round the shim.
constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int OpenFile(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* shim = static_cast<VfsShim*>(vfs->pAppData);
  auto* ours = new (file) VfsShim::File{{nullptr}, shim, path};
  const int code = shim->Open(path, *ours, flags, out_flags);
  if (code == SQLITE_OK) ours->base.pMethods = &kMethods;
  return code;
}

int DeleteFile(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  return static_cast<VfsShim*>(vfs->pAppData)->Delete(path, sync_folder != 0);
}

}  // namespace

int64_t VfsShim::File::Size() {
  sqlite3_int64 size = 0;
  real()->pMethods->xFileSize(real(), &size);
  return size;
}

VfsShim::VfsShim() : name_("shim-" + std::to_string(reinterpret_cast<uintptr_t>(this))), vfs_(*SystemVfs()) {
  vfs_.zName = name_.c_str();
  vfs_.szOsFile += static_cast<int>(sizeof(File));
  vfs_.pAppData = this;
  vfs_.pNext = nullptr;
  vfs_.xOpen = &OpenFile;
  vfs_.xDelete = &DeleteFile;  // the rest of the system's functions know their own state and take any vfs
  sqlite3_vfs_register(&vfs_, /*makeDflt=*/0);
}

VfsShim::~VfsShim() { sqlite3_vfs_unregister(&vfs_); }

int VfsShim::Open(const char* path, File& file, int flags, int* out_flags) {
  return SystemVfs()->xOpen(SystemVfs(), path, file.real(), flags, out_flags);
}

int VfsShim::Delete(const char* path, bool sync_folder) {
  return SystemVfs()->xDelete(SystemVfs(), path, sync_folder ? 1 : 0);
}

int VfsShim::Read(File& file, void* data, int size, int64_t offset) {
  return file.real()->pMethods->xRead(file.real(), data, size, offset);
}

int VfsShim::Write(File& file, const void* data, int size, int64_t offset) {
  return file.real()->pMethods->xWrite(file.real(), data, size, offset);
}

int VfsShim::Truncate(File& file, int64_t size) { return file.real()->pMethods->xTruncate(file.real(), size); }

int VfsShim::Sync(File& file, int flags) { return file.real()->pMethods->xSync(file.real(), flags); }

int VfsShim::ShmMap(File& file, int block, int size, bool extend, void volatile** memory) {
  return file.real()->pMethods->xShmMap(file.real(), block, size, extend ? 1 : 0, memory);
}

int VfsShim::FileControl(File& file, int operation, void* argument) {
  return file.real()->pMethods->xFileControl(file.real(), operation, argument);
}

}  // namespace photinus
