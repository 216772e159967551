// SQLite keeps the storage contract, on disk and in memory.
#include "server/storage/storage_contract.h"

#include <memory>
#include <string>

#include "common/base/temporary_folder.h"
#include "server/storage/sqlite_storage.h"

namespace photinus {
namespace {

class DiskPlace final : public StoragePlace {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open() override { return SqliteStorage::Open(folder_.File("db")); }

 private:
  TemporaryFolder folder_ = *TemporaryFolder::Make();
};

class MemoryPlace final : public StoragePlace {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open() override { return SqliteStorage::OpenInMemory(); }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StorageContract,
                         testing::Values(StorageBackend{"OnDisk", true, [] { return std::make_unique<DiskPlace>(); }},
                                         StorageBackend{"InMemory", false,
                                                        [] { return std::make_unique<MemoryPlace>(); }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus
