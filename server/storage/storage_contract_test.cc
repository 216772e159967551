// SQLite keeps the storage contract, on disk and in memory.
#include "server/storage/storage_contract.h"

#include <memory>

#include "tests/support/storage_places.h"

namespace photinus {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Sqlite, StorageContract,
    testing::Values(StorageBackend{"OnDisk", true, [] { return std::make_unique<SqliteFilePlace>(); }},
                    StorageBackend{"InMemory", false, [] { return std::make_unique<SqliteMemoryPlace>(); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus
