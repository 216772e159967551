#include "tests/support/postgres_clock.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"

namespace photinus {

PostgresClock::PostgresClock(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {
  // A function of the same name that is found before the system's own.
  Run(R"sql(
    CREATE SCHEMA test_clock;
    CREATE TABLE test_clock.reading (now timestamptz NOT NULL);
    INSERT INTO test_clock.reading VALUES (pg_catalog.clock_timestamp());
    CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now FROM test_clock.reading';
    DO $do$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
    END $do$)sql");
}

void PostgresClock::Advance(absl::Duration duration) {
  Run(absl::StrCat("UPDATE test_clock.reading SET now = now + interval '", absl::ToInt64Microseconds(duration),
                   " microseconds'"));
}

void PostgresClock::Run(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
}

}  // namespace photinus
