#include "server/storage/sqlite_check.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

constexpr int kInstructionsBetweenQuestions = 10'000;

// Has `stopped` end the statements of a connection until the end of the scope.
class Stoppable {
 public:
  Stoppable(SqliteConnection& connection, const std::function<bool()>& stopped) : connection_(connection) {
    sqlite3_progress_handler(
        connection.handle(), kInstructionsBetweenQuestions,
        [](void* stopped) { return (*static_cast<const std::function<bool()>*>(stopped))() ? 1 : 0; },
        const_cast<std::function<bool()>*>(&stopped));
  }
  ~Stoppable() { sqlite3_progress_handler(connection_.handle(), 0, nullptr, nullptr); }
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;

 private:
  SqliteConnection& connection_;
};

// quick_check's answer may have a hundred lines.
absl::string_view FirstFinding(absl::string_view verdict) {
  absl::ConsumePrefix(&verdict, "*** in database main ***\n");
  return verdict.substr(0, verdict.find('\n'));
}

absl::Status CheckTable(SqliteConnection& connection, const std::string& table) {
  SqliteStatement check(connection, absl::StrCat("PRAGMA quick_check('", table, "')"));
  const absl::StatusOr<bool> row = check.Step();
  if (!row.ok() && !connection.broken()) return row.status();
  const std::string verdict = row.ok() && *row ? check.Text() : std::string(row.status().message());
  if (verdict == "ok") return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("table ", table, ": ", FirstFinding(verdict)));
}

absl::Status CheckTables(SqliteConnection& connection, const std::function<bool()>& stopped) {
  std::vector<std::string> tables;
  {
    SqliteStatement list(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    ASSIGN_OR_RETURN(tables, AllRows(list, &ReadText<SqliteStatement>));
  }
  for (const std::string& table : tables) {
    if (stopped()) return absl::CancelledError("");
    RETURN_IF_ERROR(CheckTable(connection, table));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSqlite(SqliteConnection& connection, const std::function<bool()>& stopped) {
  const Stoppable stoppable(connection, stopped);
  const absl::Status status = CheckTables(connection, stopped);
  if (absl::IsCancelled(status) || (!status.ok() && stopped())) {
    return absl::CancelledError("the check for damage was ended early");
  }
  if (status.ok() || absl::IsFailedPrecondition(status) || !connection.broken()) return status;
  return absl::FailedPreconditionError(status.message());
}

}  // namespace photinus
