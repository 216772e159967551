// Histories across kill -9 of the server process: what was acknowledged stays, what was not may have happened.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/base/temporary_folder.h"
#include "tests/conformance/history/history_checker.h"
#include "tests/conformance/history/workload.h"
#include "tests/e2e/program.h"
#include "tests/support/service_client.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

// A server on one file, at the same address after every kill.
class KilledServer {
 public:
  KilledServer() { Start("127.0.0.1:0"); }

  const std::string& address() const { return address_; }
  void KillAndRestart() {
    program_->Kill();
    Start(address_);
  }

 private:
  void Start(const std::string& listen) {
    program_ = std::make_unique<Program>(
        "photinus-server",
        std::vector<std::string>{"--storage", absl::StrCat("sqlite://", folder_.File("db")), "--listen", listen},
        folder_.File("log"));
    const std::string line = program_->ReadLine();
    constexpr char kGreeting[] = "listening on ";
    ASSERT_EQ(line.rfind(kGreeting, 0), 0u) << line;
    address_ = line.substr(sizeof(kGreeting) - 1);
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make();
  std::unique_ptr<Program> program_;
  std::string address_;
};

TEST(KilledServerTest, EveryHistoryIsLinearizable) {
  constexpr int kRounds = 10;
  KilledServer server;
  for (uint64_t round = 1; round <= kRounds; ++round) {
    ServiceClient client(server.address(), /*wait_for_ready=*/true);
    const auto study = client.CreateStudy("owners/ada", WorkloadStudy(absl::StrCat("s", round)));
    ASSERT_OK(study);
    Workload workload;
    workload.addresses = {server.address()};
    workload.study = study->name();
    workload.seed = round;
    workload.wait_for_ready = true;
    std::atomic<bool> over = false;
    std::thread killer([&] {
      Random random(round);
      while (!over) {
        // A moment of any length in which calls are under way.
        std::this_thread::sleep_for(std::chrono::milliseconds(100 + random.Below(400)));
        server.KillAndRestart();
      }
    });
    const std::vector<Operation> history = RunWorkload(workload);
    over = true;
    killer.join();
    std::string violations;
    for (const std::string& violation : FindViolations(history)) violations += violation;
    ASSERT_EQ(violations, "");
    ASSERT_OK(client.DeleteStudy(study->name()));
  }
}

}  // namespace
}  // namespace photinus
