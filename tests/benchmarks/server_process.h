// A server under measurement: a process of its own.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SERVER_PROCESS_H_
#define PHOTINUS_TESTS_BENCHMARKS_SERVER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace photinus {

// photinus-server, as built beside this program, with the arguments that benchmarks use.
std::vector<std::string> PhotinusServerCommand(const std::string& storage_url);
// This program, as the echo server.
std::vector<std::string> EchoServerCommand();

// Runs a command that prints "listening on HOST:PORT", and ends with the object.
class ServerProcess {
 public:
  // Returns once it listens.
  explicit ServerProcess(std::vector<std::string> command);
  ~ServerProcess() { Stop(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& address() const { return address_; }
  int64_t ResidentBytes() const;

  // kill -9, then the same command again.
  void CrashAndRestart();
  void Stop();

 private:
  void Start();
  void End(int signal);

  const std::vector<std::string> command_;
  pid_t pid_ = -1;
  int input_ = -1;  // closed, it tells the process to end
  std::string address_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SERVER_PROCESS_H_
