#include "server/storage/sqlite_room.h"

namespace photinus {
namespace {

constexpr int64_t kStepBytes = 256 << 10;  // in which files grow

sqlite3_file* File(SqliteConnection& connection, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection.handle(), "main", which, static_cast<void*>(&file));
  return file;
}

// Of the write-ahead log's index, as SQLite's file format says.
constexpr int kIndexBlockBytes = 32 << 10;
constexpr int64_t kPagesInIndexBlock = 4096;  // in the first one some fewer

}  // namespace

sqlite3_file* DatabaseFile(SqliteConnection& connection) { return File(connection, SQLITE_FCNTL_FILE_POINTER); }
sqlite3_file* LogFile(SqliteConnection& connection) { return File(connection, SQLITE_FCNTL_JOURNAL_POINTER); }

bool HoldRoom(sqlite3_file* file, int64_t bytes) {
  sqlite3_int64 before = 0;
  if (file->pMethods->xFileSize(file, &before) != SQLITE_OK) return false;
  if (before >= bytes) return true;
  sqlite3_int64 wanted = (bytes + kStepBytes - 1) / kStepBytes * kStepBytes;
  int exactly = 1;  // SQLite heeds the hint, and truncates, to whole chunks of so many bytes
  file->pMethods->xFileControl(file, SQLITE_FCNTL_CHUNK_SIZE, &exactly);
  if (file->pMethods->xFileControl(file, SQLITE_FCNTL_SIZE_HINT, &wanted) == SQLITE_OK) return true;
  file->pMethods->xTruncate(file, before);  // what a part of it took is needed elsewhere
  return false;
}

bool HoldLogIndexRoom(SqliteConnection& connection, int64_t pages) {
  sqlite3_file* const file = DatabaseFile(connection);
  void volatile* block = nullptr;
  const int last = static_cast<int>(pages / kPagesInIndexBlock);
  return file->pMethods->xShmMap(file, last, kIndexBlockBytes, /*extend=*/1, &block) == SQLITE_OK;
}

}  // namespace photinus
