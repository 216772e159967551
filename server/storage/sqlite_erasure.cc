// SqliteTransaction: how deleted studies and trials go.
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/storage/erasure.h"
#include "server/storage/sqlite_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

class Backend {
 public:
  using Statement = SqliteStatement;

  explicit Backend(SqliteConnection& connection) : connection_(connection) {}

  SqliteConnection& connection() { return connection_; }

  template <typename... Arguments>
  absl::StatusOr<int64_t> Change(std::string_view sql, const Arguments&... arguments) {
    RETURN_IF_ERROR(SqliteStatement(connection_, sql, arguments...).Run());
    return connection_.changes();
  }

  static std::string DeleteSome(const ErasedTable& table, std::string_view condition) {
    const absl::string_view name(table.name.data(), table.name.size()), key(table.key.data(), table.key.size());
    return absl::StrCat("DELETE FROM ", name, " WHERE (", key, ") IN (SELECT ", key, " FROM ", name, " WHERE ",
                        absl::string_view(condition.data(), condition.size()), ")");
  }

 private:
  SqliteConnection& connection_;
};

absl::StatusOr<std::optional<int64_t>> NextDeleted(SqliteConnection& connection) {
  SqliteStatement statement(connection, "SELECT uid FROM studies WHERE deleted = 1 LIMIT 1");
  return FirstRow(statement, &ReadInt<SqliteStatement>);
}

}  // namespace

absl::StatusOr<bool> SqliteTransaction::EraseDeleted(int64_t rows) {
  frees_space_ = true;
  Erasure<Backend> erasure(Backend(connection_), rows);
  ASSIGN_OR_RETURN(const std::optional<int64_t> uid, NextDeleted(connection_));
  if (uid.has_value()) {
    RETURN_IF_ERROR(erasure.EraseStudy(*uid));
    return true;
  }
  bool any = false;
  while (erasure.rows() > 0) {
    SqliteStatement next(connection_,
                         "SELECT study_uid, id FROM trials INDEXED BY trials_deleted WHERE state = 0 LIMIT 1");
    ASSIGN_OR_RETURN(const bool found, next.Step());
    if (!found) break;
    any = true;
    const int64_t study = next.Int();
    RETURN_IF_ERROR(erasure.EraseTrial(study, next.Int()));
  }
  return any;
}

}  // namespace photinus
