// A PostgreSQL server of a test's own.
#ifndef PHOTINUS_TESTS_SUPPORT_POSTGRES_SERVER_H_
#define PHOTINUS_TESTS_SUPPORT_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "common/base/temporary_folder.h"

namespace photinus {

// Made by initdb in a temporary folder, and reached only through a socket there. Unless asked to it never syncs, so it
// is fast and survives kills but no power cut. It ends with the object, or with the thread that made it, however that
// ends. For root, which PostgreSQL refuses, it runs as the user `postgres`, or `nobody`.
class PostgresServer {
 public:
  // Whether Debian's postgresql-15 is installed.
  static bool IsInstalled();
  enum class Disk { kUnsynced, kSynced };

  // Throws std::runtime_error with the server's log.
  explicit PostgresServer(Disk disk = Disk::kUnsynced);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A new, empty database; its URL.
  std::string MakeDatabase();
  // Runs SQL in the database `postgres`, as the superuser; the first column of the rows.
  std::vector<std::string> Query(const std::string& sql);

  // What it has logged so far.
  std::string Log() const;

  // kill -9 of all its processes; and the start after it.
  void Crash();
  void Start();
  // From now on it accepts connections (the kernel does that), and never answers.
  void Freeze();

 private:
  // Stops its first process, which starts all others, and sends them a signal.
  void SignalChildren(int signal) const;
  pid_t Launch(const std::vector<std::string>& command) const;
  void End(int signal);
  std::string Url(const std::string& database) const;

  const Disk disk_;
  TemporaryFolder folder_;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_POSTGRES_SERVER_H_
