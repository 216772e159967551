// main() of tests that need PostgreSQL: where it is not installed they are skipped, but fail in CI.
#ifndef PHOTINUS_TESTS_SUPPORT_POSTGRES_MAIN_H_
#define PHOTINUS_TESTS_SUPPORT_POSTGRES_MAIN_H_

#include "tests/support/postgres_server.h"

namespace photinus {

// The server of this process, for all its tests.
PostgresServer& TestPostgres();

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_POSTGRES_MAIN_H_
