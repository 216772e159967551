#include "server/storage/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "google/protobuf/message_lite.h"

namespace photinus {
namespace {

constexpr int kMinimumVersion = 150000;
constexpr int kWriterBytes = 16;
// From PostgreSQL's catalog/pg_type.dat, where they are fixed for ever.
constexpr Oid kBool = 16, kBytea = 17, kBigint = 20;

// Of the transaction alone, because a pooler may give each one another session. An acknowledged commit is on disk,
// whatever the server's configuration says. What waits for a lock, for its own server or for a disk too long is given
// up, so that a replica that stopped holds up the others only so long. $1: true.
constexpr char kTransactionSettings[] =
    "SELECT set_config('synchronous_commit', 'on', $1), set_config('lock_timeout', '20s', $1), "
    "set_config('statement_timeout', '25s', $1), set_config('idle_in_transaction_session_timeout', '20s', $1)";

// libpq may hold what TLS has decrypted while its socket is silent, so that one looks again now and then.
constexpr absl::Duration kTlsLook = absl::Milliseconds(50);

std::string BigEndian(uint64_t value) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (56 - 8 * i));
  return bytes;
}

using ConnectionOptions = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// Whether libpq may have taken a part of the password for a host, port or database, which its messages repeat: all but
// the user's name and password have '@' written as %40, and ports are numbers.
bool MayBeMisread(const std::string& url, const PQconninfoOption* options) {
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (std::strcmp(option->keyword, "port") != 0 || option->val == nullptr) continue;
    if (std::strspn(option->val, "0123456789,") != std::strlen(option->val)) return true;
  }
  const size_t scheme = url.find("://");
  const size_t at = scheme == std::string::npos ? std::string::npos : url.find('@');
  return at != std::string::npos && (url.find('@', at + 1) != std::string::npos || url.find('/', scheme + 3) < at);
}

// One line.
std::string Text(const char* message) {
  return absl::StrReplaceAll(absl::StripAsciiWhitespace(message == nullptr ? "" : message),
                             {{"\n\t", "; "}, {"\n", "; "}});
}

absl::Status NotReached(const PGconn* connection) {
  const std::string why = Text(PQerrorMessage(connection));
  const char* const database = PQdb(connection);
  if (database != nullptr && absl::StrContains(why, absl::StrCat("database \"", database, "\" does not exist"))) {
    return absl::UnavailableError(absl::StrCat("the database ", database, " does not exist; make it (createdb ",
                                               database, ", with the same host and user) or choose another: ", why));
  }
  return absl::UnavailableError(absl::StrCat("the database cannot be reached: ", why));
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
  for (const std::string_view passing : {"53", "55", "57", "08", "58", "25006", "XX001", "XX002"}) {
    if (InClass(state, passing)) return absl::UnavailableError(detail);
  }
  return absl::InternalError(absl::StrCat("storage: ", detail));
}

}  // namespace

absl::Status CheckPostgresUrl(const std::string& url) {
  char* error = nullptr;
  const ConnectionOptions options(PQconninfoParse(url.c_str(), &error), &PQconninfoFree);
  std::string why = error == nullptr ? "" : error;
  PQfreemem(error);
  if (options != nullptr && !MayBeMisread(url, options.get())) return absl::OkStatus();
  why.resize(std::min(why.size(), why.rfind(": \"")));  // there it quotes the URL, which may hold a password
  return absl::InvalidArgumentError(absl::StrCat(
      "the database's URL is malformed", why.empty() ? "" : absl::StrCat(" (", absl::StripAsciiWhitespace(why), ")"),
      "; write postgresql://USER@HOST/DATABASE, or "
      "postgresql://USER@/DATABASE?host=/FOLDER/OF/THE/SOCKET, with special characters as %XX"));
}

std::string ShownPostgresUrl(const std::string& url) {
  const ConnectionOptions options(PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
  const auto value = [&](std::string_view keyword) -> std::string {
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
      if (option->keyword == keyword && option->val != nullptr) return option->val;
    }
    return "";
  };
  const std::string port = value("port");
  return absl::StrCat("postgresql://", value("host"), port.empty() ? "" : ":", port, "/", value("dbname"));
}

PostgresParameter::PostgresParameter(int64_t value) : type_(kBigint), owned_(BigEndian(static_cast<uint64_t>(value))) {}

PostgresParameter::PostgresParameter(bool value) : type_(kBool), owned_(1, value ? '\1' : '\0') {}

PostgresParameter::PostgresParameter(std::string_view value)
    : type_(kBytea), borrowed_(value.data() == nullptr ? std::string_view("") : value) {}

PostgresParameter::PostgresParameter(const google::protobuf::MessageLite& message)
    : type_(kBytea), owned_(message.SerializeAsString()) {}

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& url,
                                                                             absl::Duration answer_time) {
  RETURN_IF_ERROR(CheckPostgresUrl(url));
  // What the URL says comes later and goes first. Half a minute without a sign of life ends a connection.
  const char* const keys[] = {"application_name", "connect_timeout",  "keepalives_idle", "keepalives_interval",
                              "keepalives_count", "tcp_user_timeout", "dbname",          nullptr};
  const char* const values[] = {"photinus-server", "10", "10", "5", "4", "30000", url.c_str(), nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(keys, values, /*expand_dbname=*/1), answer_time));
  PGconn* const handle = connection->connection_.get();
  if (connection->lost()) return NotReached(handle);
  if (PQserverVersion(handle) < kMinimumVersion) {
    return absl::FailedPreconditionError(absl::StrCat("the database runs on PostgreSQL ",
                                                      PQserverVersion(handle) / 10000, "; version ",
                                                      kMinimumVersion / 10000, " or newer is needed"));
  }
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
  PQsetnonblocking(handle, 1);
  PQenterPipelineMode(handle);
  return connection;
}

PostgresConnection::PostgresConnection(PGconn* connection, absl::Duration answer_time)
    : connection_(connection), answer_time_(answer_time), writer_(SecureHex(kWriterBytes)) {}

PostgresConnection::~PostgresConnection() = default;

absl::Status PostgresConnection::Execute(const std::string& sql) {
  // Only outside pipelines may a text hold many statements.
  PQexitPipelineMode(connection_.get());
  const PostgresResult result(PQexec(connection_.get(), sql.c_str()));
  PQenterPipelineMode(connection_.get());
  return Fault(result.get());
}

void PostgresConnection::Begin(std::string_view mode) {
  answered_ = false;
  Defer(absl::StrCat("BEGIN ISOLATION LEVEL ", absl::string_view(mode.data(), mode.size())));
  Defer(kTransactionSettings, true);
}

void PostgresConnection::BeginPart() {
  part_ = deferred_.size();
  has_savepoint_ = false;
}

void PostgresConnection::KeepPart() {
  part_.reset();
  if (std::exchange(has_savepoint_, false)) Defer("RELEASE part");
}

void PostgresConnection::UndoPart() {
  if (part_.has_value()) deferred_.erase(deferred_.begin() + static_cast<ptrdiff_t>(*part_), deferred_.end());
  part_.reset();
  if (!std::exchange(has_savepoint_, false)) return;
  Defer("ROLLBACK TO part");
  Defer("RELEASE part");
}

absl::Status PostgresConnection::Commit() {
  // A commit that waits for a standby is not to be told that it is done when its time is over.
  Defer("SET LOCAL statement_timeout = 0");
  ASSIGN_OR_RETURN(const PostgresResult result, Run("COMMIT", {}));
  // A transaction that failed before is rolled back instead, without an error.
  if (std::strcmp(PQcmdStatus(result.get()), "COMMIT") == 0) return absl::OkStatus();
  return absl::InternalError("storage: a failed transaction was committed");
}

void PostgresConnection::Rollback() {
  deferred_.clear();
  part_.reset();
  has_savepoint_ = false;
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
  if (part_.has_value()) {
    deferred_.insert(deferred_.begin() + static_cast<ptrdiff_t>(*std::exchange(part_, std::nullopt)),
                     {"SAVEPOINT part", {}});
    has_savepoint_ = true;
  }
  const std::vector<Command> before = std::exchange(deferred_, {});
  std::vector<std::string> results;
  bool sent = true;
  for (const Command& command : before) sent = sent && Send(command.sql, command.parameters, results);
  sent = sent && Send(std::string(sql), parameters, results) && PQpipelineSync(connection_.get()) == 1;
  if (!sent) return Lost(PQerrorMessage(connection_.get()));

  // Of a pipeline that fails, the first result that is an error says why; the others are "aborted".
  absl::Status first;
  PostgresResult result;
  for (const std::string& prepared : results) {
    result = Receive();
    const absl::Status status = Fault(result.get());
    if (lost()) return status.ok() ? Lost(PQerrorMessage(connection_.get())) : status;
    if (!status.ok()) prepared_.erase(prepared);
    if (first.ok()) first = status;
  }
  const PostgresResult end = Await() ? PostgresResult(PQgetResult(connection_.get())) : nullptr;
  if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) return Lost(PQerrorMessage(connection_.get()));
  if (!first.ok()) return first;
  answered_ = true;
  return result;
}

bool PostgresConnection::Send(const std::string& sql, absl::Span<const PostgresParameter> parameters,
                              std::vector<std::string>& results) {
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
    results.emplace_back();
    return PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) == 1;
  }
  const auto [prepared, is_fresh] = prepared_.try_emplace(sql);
  if (is_fresh) {
    prepared->second = absl::StrCat("photinus", ++last_name_);
    results.push_back(sql);
    if (PQsendPrepare(connection_.get(), prepared->second.c_str(), sql.c_str(), count, types.data()) != 1) return false;
  }
  results.emplace_back();
  return PQsendQueryPrepared(connection_.get(), prepared->second.c_str(), count, values.data(), sizes.data(),
                             binary.data(), /*resultFormat=*/1) == 1;
}

bool PostgresConnection::Await() {
  absl::Duration silence;
  while (silence < answer_time_) {
    const int unsent = PQflush(connection_.get());
    if (PQisBusy(connection_.get()) == 0) return true;
    pollfd descriptor{PQsocket(connection_.get()), POLLIN, 0};
    if (unsent > 0) descriptor.events |= POLLOUT;
    const absl::Duration wait =
        PQsslInUse(connection_.get()) != 0 ? std::min(kTlsLook, answer_time_) : answer_time_ - silence;
    const bool silent = poll(&descriptor, 1, static_cast<int>(absl::ToInt64Milliseconds(wait))) == 0;
    silence = silent ? silence + wait : absl::ZeroDuration();
    if (PQconsumeInput(connection_.get()) == 0) return false;
  }
  silent_ = true;
  return false;
}

PostgresResult PostgresConnection::Receive() {
  if (!Await()) return nullptr;
  PostgresResult result(PQgetResult(connection_.get()));
  // Each command's results end with a null.
  while (result != nullptr && Await()) {
    if (PostgresResult(PQgetResult(connection_.get())) == nullptr) break;
  }
  return result;
}

absl::Status PostgresConnection::Fault(const PGresult* result) {
  if (result == nullptr) return Lost(PQerrorMessage(connection_.get()));
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return absl::OkStatus();
    default:
      break;
  }
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string message = Text(primary == nullptr ? PQresultErrorMessage(result) : primary);
  // FATAL and PANIC are a server's last words, such as those to a backend that its operator terminates.
  if (lost() || (severity != nullptr && std::strcmp(severity, "ERROR") != 0)) return Lost(message.c_str());
  const absl::Status status = ToStatus(state == nullptr ? "" : state, message);
  if (fault_.ok()) fault_ = status;
  return status;
}

absl::Status PostgresConnection::Lost(const char* why) {
  ended_ = true;
  const absl::Status status = absl::UnavailableError(
      absl::StrCat("the connection to the database was lost: ",
                   silent_ ? absl::StrCat("it did not answer for ", absl::FormatDuration(answer_time_)) : Text(why)));
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
