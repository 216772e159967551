#include "tests/support/postgres_server.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace photinus {
namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";
constexpr auto kStartTime = std::chrono::seconds(60);  // generous: shared machines and sanitizers

// Whom the server runs as; null: the user of the test.
const passwd* Unprivileged() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

}  // namespace

bool PostgresServer::IsInstalled() { return access((std::string(kPrograms) + "postgres").c_str(), X_OK) == 0; }

PostgresServer::PostgresServer(Disk disk) : disk_(disk), folder_(*TemporaryFolder::Make()) {
  if (const passwd* user = Unprivileged();
      user != nullptr && chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("chown " + folder_.path());
  }
  const pid_t made = Launch({"initdb", "--pgdata=" + folder_.File("data"), "--username=photinus", "--auth=trust",
                             "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1", "--no-instructions"});
  int status = 0;
  if (waitpid(made, &status, 0) != made || status != 0) throw std::runtime_error("initdb failed: " + Log());
  Start();
}

PostgresServer::~PostgresServer() {
  if (pid_ < 0) return;
  SignalChildren(SIGCONT);
  kill(pid_, SIGCONT);
  End(SIGQUIT);
}

void PostgresServer::Start() {
  const std::vector<std::string> command = {"postgres",
                                            "-D",
                                            folder_.File("data"),
                                            "-k",
                                            folder_.path(),
                                            "-c",
                                            "listen_addresses=",
                                            "-c",
                                            disk_ == Disk::kSynced ? "fsync=on" : "fsync=off",
                                            "-c",
                                            "full_page_writes=off",
                                            "-c",
                                            "max_connections=200",
                                            "-c",
                                            "shared_buffers=32MB",
                                            "-c",
                                            "deadlock_timeout=50ms"};
  pid_ = Launch(command);
  const auto deadline = std::chrono::steady_clock::now() + kStartTime;
  while (PQping(Url("postgres").c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() >= deadline) throw std::runtime_error("postgres does not start: " + Log());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // a poll of another process, not a wait for luck
    // It gives up while processes of one that crashed still end.
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = Launch(command);
  }
}

void PostgresServer::Crash() {
  SignalChildren(SIGKILL);  // they would go on for a moment without it
  End(SIGKILL);
}

void PostgresServer::Freeze() { SignalChildren(SIGSTOP); }

void PostgresServer::SignalChildren(int signal) const {
  kill(pid_, SIGSTOP);
  const std::string pid = std::to_string(pid_);
  std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
  for (pid_t child = 0; children >> child;) kill(child, signal);
}

void PostgresServer::End(int signal) {
  if (pid_ < 0) return;
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string PostgresServer::MakeDatabase() {
  const std::string name = "test" + std::to_string(++databases_);
  Query("CREATE DATABASE " + name);
  return Url(name);
}

std::vector<std::string> PostgresServer::Query(const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(Url("postgres").c_str()), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  }
  std::vector<std::string> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) rows.emplace_back(PQgetvalue(result.get(), row, 0));
  return rows;
}

std::string PostgresServer::Url(const std::string& database) const {
  return "postgresql://photinus@/" + database + "?host=" + folder_.path();
}

std::string PostgresServer::Log() const {
  std::ifstream file(folder_.File("log"));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

pid_t PostgresServer::Launch(const std::vector<std::string>& command) const {
  const std::string program = kPrograms + command[0];
  const std::string log = folder_.File("log");
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const passwd* user = Unprivileged();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  if (user != nullptr && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
  // After setuid, which forgets it; and the parent may have ended already.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent) _exit(126);
  const int output = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (chdir("/") != 0) _exit(126);
  execv(program.c_str(), arguments.data());
  _exit(127);
}

}  // namespace photinus
