// libpq with owners: a connection that closes itself, and statements that keep their rows.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_CONNECTION_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace google::protobuf {
class MessageLite;
}

namespace photinus {

struct ClearPostgresResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ClearPostgresResult>;

// One parameter of a statement, in the binary format of its type: bigint, boolean or bytea.
class PostgresParameter {
 public:
  explicit PostgresParameter(int64_t value);
  explicit PostgresParameter(int32_t value) : PostgresParameter(static_cast<int64_t>(value)) {}
  explicit PostgresParameter(bool value);
  explicit PostgresParameter(absl::Time value) : PostgresParameter(absl::ToUnixMicros(value)) {}
  explicit PostgresParameter(std::string_view value);
  explicit PostgresParameter(const std::string& value) : PostgresParameter(std::string_view(value)) {}
  explicit PostgresParameter(const char* value) = delete;  // it would be a boolean
  explicit PostgresParameter(const google::protobuf::MessageLite& message);
  // NULL where there is no value.
  template <typename T>
  explicit PostgresParameter(const std::optional<T>& value)
      : PostgresParameter(value.has_value() ? PostgresParameter(*value) : PostgresParameter(T())) {
    null_ = !value.has_value();
  }

  // With bytes of its own; else those of a text are borrowed.
  PostgresParameter Owned() && {
    if (borrowed_.data() != nullptr) owned_ = std::string(std::exchange(borrowed_, {}));
    return std::move(*this);
  }

  Oid type() const { return type_; }
  const char* data() const { return null_ ? nullptr : bytes().data(); }
  int size() const { return null_ ? 0 : static_cast<int>(bytes().size()); }

 private:
  std::string_view bytes() const { return borrowed_.data() != nullptr ? borrowed_ : std::string_view(owned_); }

  Oid type_;
  std::string owned_;
  std::string_view borrowed_;
  bool null_ = false;
};

// Longer than the server itself allows a statement, so that as a rule it says what took so long.
inline constexpr absl::Duration kAnswerTime = absl::Seconds(30);

// InvalidArgument, without any part of a password: libpq does not understand the URL, or may misread it.
absl::Status CheckPostgresUrl(const std::string& url);

// Host, port and database of a URL that is understood, as far as it names them, for people.
std::string ShownPostgresUrl(const std::string& url);

// One connection with its prepared statements, always in libpq's pipeline mode. Used by one thread at a time.
class PostgresConnection {
 public:
  // `url`: postgresql://..., or any other connection string of libpq's; never repeated in a message, because it may
  // hold a password. A connection on which the server says nothing for `answer_time`, though it was asked, is given up.
  // InvalidArgument: the URL is malformed. FailedPrecondition: the server is older than PostgreSQL 15. Unavailable: no
  // connection.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& url,
                                                                  absl::Duration answer_time = kAnswerTime);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Runs SQL text of any number of statements, ignoring rows, for as long as they take. Never with text from outside.
  absl::Status Execute(const std::string& sql);

  // Has a command whose rows nobody wants, such as BEGIN, travel with the next statement, which reports its failure.
  template <typename... Arguments>
  void Defer(std::string_view command, const Arguments&... arguments) {
    deferred_.push_back({std::string(command), {PostgresParameter(arguments).Owned()...}});
  }

  // Has a transaction of `mode`, such as "READ COMMITTED READ WRITE", begin with the next statement.
  void Begin(std::string_view mode);
  // Whether a statement succeeded since Begin.
  bool answered() const { return answered_; }
  // Begins a part of the transaction, which Keep or Undo ends. The server hears of a savepoint only if a statement runs
  // meanwhile; what is only deferred is undone here.
  void BeginPart();
  void KeepPart();
  void UndoPart();
  // True once a transaction has reached the server.
  bool InTransaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }
  // Commits it. What it returns is certain, but for a connection that is lost() then.
  absl::Status Commit();
  // Undoes what was begun, as far as the connection still can.
  void Rollback();

  // A name that no other connection has, and the number of its next commit, from 1.
  const std::string& writer() const { return writer_; }
  int64_t NextCommit() { return ++last_commit_; }

  // The first fault since the last call that was not a body's own; OK if none. Aborted: a conflict with another
  // transaction, which running this one again resolves.
  absl::Status TakeFault() { return std::exchange(fault_, absl::OkStatus()); }
  // Has the transaction be run again.
  void NoteConflict(std::string_view why);

  // True once the connection has ended.
  bool lost() const { return ended_ || PQstatus(connection_.get()) != CONNECTION_OK; }
  // Whether it was lost because the server was silent: to try again would take as long.
  bool silent() const { return silent_; }
  // Whether an idle connection can be used: outside a transaction, and the server has neither ended it nor said so.
  bool Usable() const;

 private:
  friend class PostgresStatement;
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  struct Command {
    std::string sql;
    std::vector<PostgresParameter> parameters;
  };

  PostgresConnection(PGconn* connection, absl::Duration answer_time);
  // Sends what is deferred and then the statement, in one round trip; the statement's result, or the first fault.
  absl::StatusOr<PostgresResult> Run(std::string_view sql, absl::Span<const PostgresParameter> parameters);
  // Sends one command, prepared first where it is new. Notes each result to come: empty, or the text that it says is
  // prepared. False if the connection is lost.
  bool Send(const std::string& sql, absl::Span<const PostgresParameter> parameters, std::vector<std::string>& results);
  // Waits until PQgetResult does not; false if the connection is lost.
  bool Await();
  // The result of the next command of the pipeline; null if the connection is lost.
  PostgresResult Receive();
  absl::Status Fault(const PGresult* result);
  absl::Status Lost(const char* why);

  const std::unique_ptr<PGconn, Finish> connection_;
  const absl::Duration answer_time_;
  const std::string writer_;
  int64_t last_commit_ = 0;
  std::unordered_map<std::string, std::string> prepared_;  // SQL text -> the statement's name
  int64_t last_name_ = 0;
  std::vector<Command> deferred_;
  std::optional<size_t> part_;  // where in deferred_ a part begins of which the server has not heard
  bool has_savepoint_ = false;
  absl::Status fault_;
  bool answered_ = false;
  bool ended_ = false;
  bool silent_ = false;
};

// One execution of a prepared statement, on construction; columns are read in order after each row.
class PostgresStatement {
 public:
  template <typename... Arguments>
  PostgresStatement(PostgresConnection& connection, std::string_view sql, const Arguments&... arguments) {
    if constexpr (sizeof...(arguments) == 0) {
      Run(connection, sql, {});
    } else {
      const PostgresParameter parameters[] = {PostgresParameter(arguments)...};
      Run(connection, sql, parameters);
    }
  }

  // True where there is a (next) row. Also reports what went wrong earlier: running, reading a column.
  absl::StatusOr<bool> Step();
  const absl::Status& status() const { return status_; }
  // Rows that the statement changed.
  int64_t changes() const;

  // The next column of the row. Message parses one; if that fails the next Step says so.
  int64_t Int();
  bool Bool() { return Int() != 0; }
  absl::Time Time() { return absl::FromUnixMicros(Int()); }
  std::string Text() { return std::string(Bytes()); }
  std::string_view Bytes();  // as long as the statement
  bool IsNull() const { return PQgetisnull(result_.get(), row_, column_) != 0; }
  void Message(google::protobuf::MessageLite& message);

 private:
  void Run(PostgresConnection& connection, std::string_view sql, absl::Span<const PostgresParameter> parameters);

  PostgresResult result_;
  absl::Status status_;
  int row_ = -1;
  int column_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_CONNECTION_H_
