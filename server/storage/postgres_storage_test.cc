// PostgreSQL keeps the storage contract; and what is particular to it.
#include "server/storage/postgres_storage.h"

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/postgres_commit.h"
#include "server/storage/storage_contract.h"
#include "tests/support/postgres_server.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kSkipped = 77;  // the exit code that ctest takes for it

std::unique_ptr<PostgresServer> server;

class DatabasePlace final : public StoragePlace {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open() override { return PostgresStorage::Open(url_); }

 private:
  const std::string url_ = server->MakeDatabase();
};

INSTANTIATE_TEST_SUITE_P(Postgres, StorageContract,
                         testing::Values(StorageBackend{"Database", true,
                                                        [] { return std::make_unique<DatabasePlace>(); }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus

// The server is started by main's thread, which it ends with.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!photinus::PostgresServer::IsInstalled()) {
    const char* ci = std::getenv("CI");
    const bool must = ci != nullptr && std::string(ci) == "true";
    std::fprintf(stderr, "%s: postgresql-15 is not installed\n", must ? "FAILED" : "skipped");
    return must ? 1 : photinus::kSkipped;
  }
  photinus::server = std::make_unique<photinus::PostgresServer>();
  const int status = RUN_ALL_TESTS();
  photinus::server.reset();
  return status;
}
