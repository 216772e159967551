// Room on the disk for SQLite's files before they need it.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_ROOM_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_ROOM_H_

#include <sqlite3.h>

#include <cstdint>

#include "server/storage/sqlite_connection.h"

namespace photinus {

// The file of a connection's database, and its write-ahead log once the connection has read.
sqlite3_file* DatabaseFile(SqliteConnection& connection);
sqlite3_file* LogFile(SqliteConnection& connection);

// Makes `file` at least `bytes` long, of blocks that are its own from then on: what is written there later needs no
// more room. SQLite ignores what lies behind its last page. False: there is no room, and the file is as it was.
bool HoldRoom(sqlite3_file* file, int64_t bytes);

// The same for the index of the log, which SQLite shares between processes beside it, for a log of so many pages. The
// index grows only after a commit was synced: too late to refuse it.
bool HoldLogIndexRoom(SqliteConnection& connection, int64_t pages);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_ROOM_H_
