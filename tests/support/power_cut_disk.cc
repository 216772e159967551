#include "tests/support/power_cut_disk.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace photinus {
namespace {

constexpr int64_t kSector = 512;

std::optional<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void WriteAt(std::string& image, int64_t offset, std::string_view bytes) {
  const auto begin = static_cast<size_t>(offset);
  if (image.size() < begin + bytes.size()) image.resize(begin + bytes.size());
  std::memcpy(image.data() + begin, bytes.data(), bytes.size());
}

// Calls visit(sector, offset, bytes) for each part of the write that lies in one sector.
template <typename Visit>
void ForEachSector(int64_t offset, std::string_view bytes, Visit visit) {
  while (!bytes.empty()) {
    const int64_t sector = offset / kSector;
    const auto size = std::min(bytes.size(), static_cast<size_t>((sector + 1) * kSector - offset));
    visit(sector, offset, bytes.substr(0, size));
    offset += static_cast<int64_t>(size);
    bytes.remove_prefix(size);
  }
}

}  // namespace

bool PowerCutDisk::Change::IsOfName() const { return kind == Kind::kCreate || kind == Kind::kRemove; }

void PowerCutDisk::Image::SyncName() {
  const auto last = std::find_if(changes.rbegin(), changes.rend(), [](const Change& c) { return c.IsOfName(); });
  if (last == changes.rend()) return;
  synced = last->kind == Change::Kind::kCreate ? std::optional<std::string>("") : std::nullopt;
  changes.erase(changes.begin(), last.base());
}

void PowerCutDisk::Image::SyncAll() {
  SyncName();
  for (const Change& change : changes) {
    if (change.kind == Change::Kind::kWrite) {
      WriteAt(*synced, change.offset, change.bytes);
    } else {
      synced->resize(static_cast<size_t>(change.offset));
    }
  }
  changes.clear();
}

void PowerCutDisk::CutPowerAfter(int64_t changes) {
  MutexLock lock(mutex_);
  changes_left_ = changes;
}

bool PowerCutDisk::IsCut() const {
  MutexLock lock(mutex_);
  return changes_left_ <= 0;
}

bool PowerCutDisk::HasPower() {
  if (changes_left_ != INT64_MAX && changes_left_ > 0) --changes_left_;
  return changes_left_ > 0;
}

bool PowerCutDisk::Skipped(const char* path) const {
  const std::string_view name(path);
  const bool log = name.size() > 4 && name.substr(name.size() - 4) == "-wal";
  return skips_ == Skips::kAllSyncs || skips_ == (log ? Skips::kLogSyncs : Skips::kDatabaseSyncs);
}

int PowerCutDisk::Open(const char* path, File& file, int flags, int* out_flags) {
  if (path == nullptr) return VfsShim::Open(path, file, flags, out_flags);
  MutexLock lock(mutex_);
  const bool exists = std::filesystem::exists(path);
  if (!exists && (flags & SQLITE_OPEN_CREATE) != 0 && !HasPower()) return SQLITE_CANTOPEN;
  if (images_.count(path) == 0) images_[path].synced = ReadWhole(path);
  const int code = VfsShim::Open(path, file, flags, out_flags);
  if (code == SQLITE_OK && !exists) images_[path].changes.push_back({Change::Kind::kCreate});
  if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) images_[path].next_sync_syncs_folder = true;
  return code;
}

int PowerCutDisk::Delete(const char* path, bool sync_folder) {
  MutexLock lock(mutex_);
  if (!HasPower()) return SQLITE_IOERR_DELETE;
  const int code = VfsShim::Delete(path, /*sync_folder=*/false);
  if (code != SQLITE_OK) return code;
  Image& image = images_[path];
  image.changes.push_back({Change::Kind::kRemove});
  if (sync_folder && !Skipped(path)) image.SyncName();
  return code;
}

int PowerCutDisk::Write(File& file, const void* data, int size, int64_t offset) {
  if (file.path == nullptr) return VfsShim::Write(file, data, size, offset);
  MutexLock lock(mutex_);
  if (changes_left_ <= 0) return SQLITE_IOERR_WRITE;
  const bool completed = HasPower();  // else it is the one that the cut tears
  images_[file.path].changes.push_back(
      {Change::Kind::kWrite, offset, std::string(static_cast<const char*>(data), static_cast<size_t>(size))});
  return completed ? VfsShim::Write(file, data, size, offset) : SQLITE_IOERR_WRITE;
}

int PowerCutDisk::Truncate(File& file, int64_t size) {
  if (file.path == nullptr) return VfsShim::Truncate(file, size);
  MutexLock lock(mutex_);
  if (!HasPower()) return SQLITE_IOERR_TRUNCATE;
  images_[file.path].changes.push_back({Change::Kind::kTruncate, size});
  return VfsShim::Truncate(file, size);
}

int PowerCutDisk::Sync(File& file, int /*flags*/) {
  if (file.path == nullptr) return SQLITE_OK;
  MutexLock lock(mutex_);
  if (!HasPower()) return SQLITE_IOERR_FSYNC;
  if (Skipped(file.path)) return SQLITE_OK;
  Image& image = images_[file.path];
  image.SyncAll();
  if (std::exchange(image.next_sync_syncs_folder, false)) {
    for (auto& [path, other] : images_) other.SyncName();
  }
  return SQLITE_OK;
}

int PowerCutDisk::FileControl(File& file, int operation, void* argument) {
  if (operation != SQLITE_FCNTL_SIZE_HINT || file.path == nullptr)
    return VfsShim::FileControl(file, operation, argument);
  MutexLock lock(mutex_);
  const int64_t before = file.Size();
  if (before < *static_cast<sqlite3_int64*>(argument) && !HasPower()) return SQLITE_IOERR_WRITE;
  const int code = VfsShim::FileControl(file, operation, argument);
  if (const int64_t size = file.Size(); size > before) {
    images_[file.path].changes.push_back({Change::Kind::kTruncate, size});
  }
  return code;
}

std::optional<std::string> PowerCutDisk::WhatSurvives(const Image& image) {
  // A sector holds the state after any one of its writes; all of them, or none, often enough to see whole commits.
  std::map<int64_t, int64_t> writes;  // sector -> how often it was written, then how many of these arrived
  int64_t names = 0;                  // creations and removals, of which the first so many arrived
  for (const Change& change : image.changes) {
    if (change.IsOfName()) ++names;
    if (change.kind != Change::Kind::kWrite) continue;
    ForEachSector(change.offset, change.bytes, [&](int64_t sector, int64_t, std::string_view) { ++writes[sector]; });
  }
  const double luck = std::clamp(random_.Uniform() * 1.5 - 0.25, 0.0, 1.0);
  for (auto& [sector, arrived] : writes) {
    if (random_.Uniform() >= luck) arrived = static_cast<int64_t>(random_.Below(static_cast<uint64_t>(arrived)));
  }
  names = static_cast<int64_t>(random_.Below(static_cast<uint64_t>(names) + 1));

  std::optional<std::string> left = image.synced;
  std::vector<size_t> lengths = {left.has_value() ? left->size() : 0};
  size_t length = lengths[0];  // as the program saw it
  for (const Change& change : image.changes) {
    switch (change.kind) {
      case Change::Kind::kCreate:
      case Change::Kind::kRemove:
        if (names-- == 0) return left;  // what follows happened to another file
        left = change.kind == Change::Kind::kCreate ? std::optional<std::string>("") : std::nullopt;
        lengths = {length = 0};
        continue;
      case Change::Kind::kTruncate:
        length = static_cast<size_t>(change.offset);
        if (random_.Below(2) == 0) left->resize(length);
        break;
      case Change::Kind::kWrite:
        length = std::max(length, static_cast<size_t>(change.offset) + change.bytes.size());
        ForEachSector(change.offset, change.bytes, [&](int64_t sector, int64_t offset, std::string_view bytes) {
          if (writes[sector]-- > 0) WriteAt(*left, offset, bytes);
        });
        break;
    }
    lengths.push_back(length);
  }
  if (left.has_value())
    left->resize(random_.Uniform() < luck ? lengths.back() : lengths[random_.Below(lengths.size())]);
  return left;
}

void PowerCutDisk::RestorePower() {
  MutexLock lock(mutex_);
  for (const auto& [path, image] : images_) {
    const std::optional<std::string> left = WhatSurvives(image);
    std::filesystem::remove(path);
    if (left.has_value()) std::ofstream(path, std::ios::binary) << *left;
  }
  images_.clear();
  changes_left_ = INT64_MAX;
}

}  // namespace photinus
