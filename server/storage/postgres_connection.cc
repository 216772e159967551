#include "server/storage/postgres_connection.h"

#include <poll.h>

#include <cstdlib>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "google/protobuf/message_lite.h"

namespace photinus {
namespace {

constexpr int kMinimumVersion = 150000;
constexpr int kWriterBytes = 16;
// From PostgreSQL's catalog/pg_type.dat, where they are fixed for ever.
constexpr Oid kBool = 16, kBytea = 17, kBigint = 20;

// A transaction that waits for a lock or its own server too long is given up, so that a stopped replica holds up the
// others only so long. An acknowledged commit is on disk, whatever the server's configuration says.
constexpr char kSessionSettings[] =
    "SET synchronous_commit = on; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '20s'; "
    "SET client_min_messages = warning";

std::string BigEndian(uint64_t value) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (56 - 8 * i));
  return bytes;
}

absl::Status CheckUrl(const std::string& url) {
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &error);
  PQfreemem(error);  // it quotes the URL, which may hold a password
  if (options == nullptr) {
    return absl::InvalidArgumentError(
        "the database's URL is malformed; write postgresql://USER@HOST/DATABASE, or "
        "postgresql://USER@/DATABASE?host=/FOLDER/OF/THE/SOCKET, with special characters as %XX");
  }
  PQconninfoFree(options);
  return absl::OkStatus();
}

std::string Text(const char* message) {
  return std::string(absl::StripAsciiWhitespace(message == nullptr ? "" : message));
}

bool InClass(std::string_view state, std::string_view prefix) { return state.substr(0, prefix.size()) == prefix; }

// The status for an error that PostgreSQL reports with this SQLSTATE (its documentation, appendix A).
absl::Status ToStatus(std::string_view state, const std::string& message) {
  const std::string detail =
      absl::StrCat("PostgreSQL: ", message, " (SQLSTATE ", absl::string_view(state.data(), state.size()), ")");
  if (InClass(state, "40")) return absl::AbortedError(detail);  // a conflict or a deadlock
  if (state == "23505" || state == "42P07") return absl::AlreadyExistsError(detail);
  if (state == "53100") {
    return absl::ResourceExhaustedError(
        absl::StrCat("the database's disk is full, nothing was stored; free some space, then try again: ", detail));
  }
  if (state == "54000" || state == "22001") {
    return absl::InvalidArgumentError(absl::StrCat("a value is too large to store; ", detail));
  }
  if (state == "42501") return absl::FailedPreconditionError(detail);  // no permission
  // Resources, locks, the operator, connections, the disk; a standby that takes no changes; a damaged file.
  for (const std::string_view passing : {"53", "55", "57", "08", "58", "25006", "25P03", "XX001", "XX002"}) {
    if (InClass(state, passing)) return absl::UnavailableError(detail);
  }
  return absl::InternalError(absl::StrCat("storage: ", detail));
}

}  // namespace

PostgresParameter::PostgresParameter(int64_t value) : type_(kBigint), owned_(BigEndian(static_cast<uint64_t>(value))) {}

PostgresParameter::PostgresParameter(bool value) : type_(kBool), owned_(1, value ? '\1' : '\0') {}

PostgresParameter::PostgresParameter(std::string_view value)
    : type_(kBytea), borrowed_(value.data() == nullptr ? std::string_view("") : value) {}

PostgresParameter::PostgresParameter(const google::protobuf::MessageLite& message)
    : type_(kBytea), owned_(message.SerializeAsString()) {}

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& url) {
  RETURN_IF_ERROR(CheckUrl(url));
  // What the URL says comes later and goes first. Half a minute without a sign of life ends a connection.
  const char* const keys[] = {"application_name", "connect_timeout",  "keepalives_idle", "keepalives_interval",
                              "keepalives_count", "tcp_user_timeout", "dbname",          nullptr};
  const char* const values[] = {"photinus-server", "10", "10", "5", "4", "30000", url.c_str(), nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(keys, values, /*expand_dbname=*/1)));
  PGconn* const handle = connection->connection_.get();
  if (connection->lost()) {
    return absl::UnavailableError(absl::StrCat("the database cannot be reached: ", Text(PQerrorMessage(handle))));
  }
  if (PQserverVersion(handle) < kMinimumVersion) {
    return absl::FailedPreconditionError(absl::StrCat("the database runs on PostgreSQL ",
                                                      PQserverVersion(handle) / 10000, "; version ",
                                                      kMinimumVersion / 10000, " or newer is needed"));
  }
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
  PQenterPipelineMode(handle);
  RETURN_IF_ERROR(connection->Execute(kSessionSettings));
  return connection;
}

PostgresConnection::PostgresConnection(PGconn* connection)
    : connection_(connection), writer_(SecureHex(kWriterBytes)) {}

PostgresConnection::~PostgresConnection() = default;

absl::Status PostgresConnection::Execute(const std::string& sql) {
  // Only outside pipelines may a text hold many statements.
  PQexitPipelineMode(connection_.get());
  const PostgresResult result(PQexec(connection_.get(), sql.c_str()));
  PQenterPipelineMode(connection_.get());
  return Fault(result.get());
}

absl::Status PostgresConnection::Commit() {
  ASSIGN_OR_RETURN(const PostgresResult result, Run("COMMIT", {}));
  // A transaction that failed before is rolled back instead, without an error.
  if (std::strcmp(PQcmdStatus(result.get()), "COMMIT") == 0) return absl::OkStatus();
  return absl::InternalError("storage: a failed transaction was committed");
}

void PostgresConnection::Rollback() {
  deferred_.clear();
  if (!lost() && InTransaction()) Run("ROLLBACK", {}).status().IgnoreError();
  fault_ = absl::OkStatus();
}

void PostgresConnection::NoteConflict(std::string_view why) {
  if (fault_.ok()) fault_ = absl::AbortedError({why.data(), why.size()});
}

bool PostgresConnection::Usable() const {
  if (lost() || InTransaction() || !deferred_.empty()) return false;
  // The server says nothing to an idle connection but that it ends.
  pollfd descriptor{PQsocket(connection_.get()), POLLIN, 0};
  return poll(&descriptor, 1, 0) == 0;
}

absl::StatusOr<PostgresResult> PostgresConnection::Run(std::string_view sql,
                                                       absl::Span<const PostgresParameter> parameters) {
  const std::vector<Command> before = std::exchange(deferred_, {});
  std::vector<std::string> fresh;
  bool sent = true;
  for (const Command& command : before) sent = sent && Send(command.sql, command.parameters, fresh);
  sent = sent && Send(std::string(sql), parameters, fresh) && PQpipelineSync(connection_.get()) == 1;
  if (!sent) return Lost();

  // Of a pipeline that fails, the first result that is an error says why; the others are "aborted".
  absl::Status first;
  PostgresResult result;
  for (size_t i = 0; i < before.size() + 1 + fresh.size(); ++i) {
    result = Receive();
    if (absl::Status status = Fault(result.get()); first.ok()) first = status;
  }
  const PostgresResult end(PQgetResult(connection_.get()));
  if (!first.ok()) {
    for (const std::string& text : fresh) prepared_.erase(text);
    return first;
  }
  if (end == nullptr || PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) return Lost();
  return result;
}

bool PostgresConnection::Send(const std::string& sql, absl::Span<const PostgresParameter> parameters,
                              std::vector<std::string>& fresh) {
  const int count = static_cast<int>(parameters.size());
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> sizes;
  const std::vector<int> binary(parameters.size(), 1);
  for (const PostgresParameter& parameter : parameters) {
    types.push_back(parameter.type());
    values.push_back(parameter.data());
    sizes.push_back(parameter.size());
  }
  // Commands without parameters, such as BEGIN, have no plan that is worth keeping.
  if (count == 0) {
    return PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) == 1;
  }
  const auto [prepared, is_fresh] = prepared_.try_emplace(sql);
  if (is_fresh) {
    prepared->second = absl::StrCat("photinus", ++last_name_);
    fresh.push_back(sql);
    if (PQsendPrepare(connection_.get(), prepared->second.c_str(), sql.c_str(), count, types.data()) != 1) return false;
  }
  return PQsendQueryPrepared(connection_.get(), prepared->second.c_str(), count, values.data(), sizes.data(),
                             binary.data(), /*resultFormat=*/1) == 1;
}

PostgresResult PostgresConnection::Receive() {
  PostgresResult result(PQgetResult(connection_.get()));
  // Each command's results end with a null.
  if (result != nullptr) {
    while (PostgresResult more{PQgetResult(connection_.get())}) {
    }
  }
  return result;
}

absl::Status PostgresConnection::Fault(const PGresult* result) {
  if (result == nullptr) return Lost();
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return absl::OkStatus();
    default:
      break;
  }
  if (lost()) return Lost();
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const absl::Status status =
      ToStatus(state == nullptr ? "" : state, Text(message == nullptr ? PQresultErrorMessage(result) : message));
  if (fault_.ok()) fault_ = status;
  return status;
}

absl::Status PostgresConnection::Lost() {
  const absl::Status status = absl::UnavailableError(
      absl::StrCat("the connection to the database was lost: ", Text(PQerrorMessage(connection_.get()))));
  if (fault_.ok()) fault_ = status;
  return status;
}

void PostgresStatement::Run(PostgresConnection& connection, std::string_view sql,
                            absl::Span<const PostgresParameter> parameters) {
  absl::StatusOr<PostgresResult> result = connection.Run(sql, parameters);
  if (result.ok()) {
    result_ = *std::move(result);
  } else {
    status_ = result.status();
  }
}

absl::StatusOr<bool> PostgresStatement::Step() {
  if (!status_.ok()) return status_;
  column_ = 0;
  return ++row_ < PQntuples(result_.get());
}

int64_t PostgresStatement::changes() const {
  return result_ == nullptr ? 0 : std::strtoll(PQcmdTuples(result_.get()), nullptr, 10);
}

int64_t PostgresStatement::Int() {
  const std::string_view bytes = Bytes();  // of 1, 2, 4 or 8, the sign in the first
  const bool negative = !bytes.empty() && (bytes[0] & 0x80) != 0;
  int64_t value = negative ? -1 : 0;
  for (const char byte : bytes) value = value * 256 + static_cast<unsigned char>(byte);
  return value;
}

std::string_view PostgresStatement::Bytes() {
  const int column = column_++;
  return {PQgetvalue(result_.get(), row_, column), static_cast<size_t>(PQgetlength(result_.get(), row_, column))};
}

void PostgresStatement::Message(google::protobuf::MessageLite& message) {
  const int column = column_;
  const std::string_view bytes = Bytes();
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  status_ = absl::InternalError(absl::StrCat("a stored ", message.GetTypeName(), " (column ", column,
                                             ") cannot be read: the database is damaged; restore a backup"));
}

}  // namespace photinus
