#include "tests/support/postgres_main.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace photinus {
namespace {

constexpr int kSkipped = 77;  // the exit code that ctest takes for it

std::unique_ptr<PostgresServer> server;

}  // namespace

PostgresServer& TestPostgres() { return *server; }

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
