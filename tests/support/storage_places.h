// Places of every kind that studies can be kept in, each empty at first and gone with its object.
#ifndef PHOTINUS_TESTS_SUPPORT_STORAGE_PLACES_H_
#define PHOTINUS_TESTS_SUPPORT_STORAGE_PLACES_H_

#include <memory>
#include <string>

#include "common/base/temporary_folder.h"
#include "server/storage/postgres_storage.h"
#include "server/storage/sqlite_storage.h"
#include "server/storage/storage_contract.h"
#include "tests/support/postgres_server.h"

namespace photinus {

class SqliteFilePlace final : public StoragePlace {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open() override { return SqliteStorage::Open(folder_.File("db")); }

 private:
  TemporaryFolder folder_ = *TemporaryFolder::Make();
};

// Forgets everything with the storage.
class SqliteMemoryPlace final : public StoragePlace {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open() override { return SqliteStorage::OpenInMemory(); }
};

// A database of the server's own; several storages may be open at once.
class PostgresPlace final : public StoragePlace {
 public:
  explicit PostgresPlace(PostgresServer& server) : url_(server.MakeDatabase()) {}
  const std::string& url() const { return url_; }
  absl::StatusOr<std::unique_ptr<Storage>> Open() override { return PostgresStorage::Open(url_); }

 private:
  const std::string url_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_STORAGE_PLACES_H_
