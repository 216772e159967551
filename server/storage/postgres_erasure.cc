// PostgresTransaction: how deleted studies and trials go.
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "server/storage/erasure.h"
#include "server/storage/postgres_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

// For how long other servers can learn of a deletion.
constexpr absl::Duration kRememberedFor = absl::Hours(24);

class Backend {
 public:
  using Statement = PostgresStatement;

  explicit Backend(PostgresConnection& connection) : connection_(connection) {}

  PostgresConnection& connection() { return connection_; }

  template <typename... Arguments>
  absl::StatusOr<int64_t> Change(std::string_view sql, const Arguments&... arguments) {
    const PostgresStatement statement(connection_, sql, arguments...);
    RETURN_IF_ERROR(statement.status());
    return statement.changes();
  }

  static std::string DeleteSome(const ErasedTable& table, std::string_view condition) {
    const absl::string_view name(table.name.data(), table.name.size());
    return absl::StrCat("DELETE FROM ", name, " WHERE ctid = ANY (ARRAY(SELECT ctid FROM ", name, " WHERE ",
                        absl::string_view(condition.data(), condition.size()), "))");
  }

 private:
  PostgresConnection& connection_;
};

// Locked, and passing over those that other servers erase.
absl::StatusOr<std::optional<int64_t>> NextDeleted(PostgresConnection& connection) {
  PostgresStatement statement(connection,
                              "SELECT uid FROM studies WHERE deleted ORDER BY uid LIMIT 1 FOR UPDATE SKIP LOCKED");
  return FirstRow(statement, &ReadInt<PostgresStatement>);
}

absl::Status ForgetLongDeleted(PostgresConnection& connection) {
  return PostgresStatement(connection,
                           "DELETE FROM deleted_studies "
                           "WHERE deleted_us < (extract(epoch FROM now()) * 1000000)::bigint - $1",
                           absl::ToInt64Microseconds(kRememberedFor))
      .status();
}

}  // namespace

absl::StatusOr<bool> PostgresTransaction::EraseDeleted(int64_t rows) {
  Erasure<Backend> erasure(Backend(connection_), rows);
  ASSIGN_OR_RETURN(const std::optional<int64_t> uid, NextDeleted(connection_));
  if (uid.has_value()) {
    RETURN_IF_ERROR(erasure.EraseStudy(*uid));
    RETURN_IF_ERROR(ForgetLongDeleted(connection_));
    return true;
  }
  bool any = false;
  while (erasure.rows() > 0) {
    // As NextDeleted.
    PostgresStatement next(connection_,
                           "SELECT study_uid, id FROM trials WHERE state = 0 ORDER BY study_uid, id LIMIT 1 "
                           "FOR UPDATE SKIP LOCKED");
    ASSIGN_OR_RETURN(const bool found, next.Step());
    if (!found) break;
    any = true;
    const int64_t study = next.Int();
    RETURN_IF_ERROR(erasure.EraseTrial(study, next.Int()));
  }
  return any;
}

}  // namespace photinus
