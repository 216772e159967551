// The program `photinus`.
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/cli/application.h"
#include "client/cli/rpc_study_client.h"
#include "common/rpc/cancellation.h"

namespace {

// Turns the first SIGINT or SIGTERM into a cancellation and the second into the end. To be called before any other
// thread starts, so that all of them leave the signals to this one.
void CancelOnSignals(photinus::Cancellation& cancellation) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals, &cancellation] {
    int received = 0;
    sigwait(&signals, &received);
    cancellation.Cancel();
    sigwait(&signals, &received);
    std::_Exit(photinus::kExitInterrupted);
  }).detach();
}

}  // namespace

int main(int argc, char** argv) {
  // Never destroyed: the thread that waits for signals may outlive main.
  static auto& cancellation = *new photinus::Cancellation();
  CancelOnSignals(cancellation);
  photinus::ProcessConsole console;
  const photinus::SystemClock clock;
  std::unique_ptr<photinus::StudyClient> client;
  const auto make_client = [&client](const std::string& server) -> absl::StatusOr<photinus::StudyClient*> {
    auto opened = photinus::RpcStudyClient::Open(server, cancellation);
    if (!opened.ok()) return opened.status();
    client = *std::move(opened);
    return client.get();
  };
  return photinus::RunApplication(std::vector<std::string>(argv + 1, argv + argc), make_client, console, clock);
}
