// A PostgreSQL connection that breaks on command.
#ifndef PHOTINUS_TESTS_SUPPORT_POSTGRES_PROXY_H_
#define PHOTINUS_TESTS_SUPPORT_POSTGRES_PROXY_H_

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/temporary_folder.h"

namespace photinus {

// Stands between clients and the server behind `url` (a socket, as PostgresServer has). At the next commit after
// Break() the client's connection ends, or falls silent.
class PostgresProxy {
 public:
  enum class Fault {
    kCommitLost,  // the commit never reaches the server
    kAnswerLost,  // the server commits, and its answer is lost
    kCommitLate,  // the commit reaches the server once a later connection of the client's has ended
    kSilence,     // the server commits, and the client hears nothing any more, though its connection stays
  };

  explicit PostgresProxy(const std::string& url);
  ~PostgresProxy();
  PostgresProxy(const PostgresProxy&) = delete;
  PostgresProxy& operator=(const PostgresProxy&) = delete;

  const std::string& url() const { return url_; }
  // `and_stay_away`: no later connection is accepted either.
  void Break(Fault fault, bool and_stay_away = false);
  // Connections that clients have asked for.
  int accepted() const { return accepted_; }

 private:
  enum class State { kWhole, kArmed, kBroken };

  void Accept();
  void Serve(int client);
  // Whether this is the connection and the moment to break.
  bool Breaks();
  // Sends the commit that was held back, and waits until the server is done with it.
  void DeliverLate();

  TemporaryFolder folder_;
  std::string server_path_;
  std::string url_;
  int listener_ = -1;
  std::atomic<State> state_ = State::kWhole;
  std::atomic<Fault> fault_ = Fault::kCommitLost;
  std::atomic<bool> stay_away_ = false;
  std::atomic<int> accepted_ = 0;

  std::mutex mutex_;
  int late_server_ = -1;  // holds back late_bytes_
  std::string late_bytes_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;  // last: it uses all of the above
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_POSTGRES_PROXY_H_
