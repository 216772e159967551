// Whole histories of concurrent calls, judged: --operations=N of them for each storage.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/replica/replica.h"
#include "tests/conformance/history/faulty_proxy.h"
#include "tests/conformance/history/history_checker.h"
#include "tests/conformance/history/workload.h"
#include "tests/support/fake_clock.h"
#include "tests/support/service_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/storage_places.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

constexpr int kOperationsPerStudy = 5000;  // more of them go to another study
constexpr absl::Duration kLeaseTtl = absl::Seconds(60);

int operations = kOperationsPerStudy;
std::unique_ptr<PostgresServer> postgres;

template <typename T>
T OrThrow(absl::StatusOr<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

// Replicas of the studies in one place, whose time stands still but for PassLeases.
class Service {
 public:
  // More than one replica: of a place that several servers may share.
  Service(std::unique_ptr<StoragePlace> place, int replicas) : place_(std::move(place)) {
    for (int i = 0; i < replicas; ++i) {
      storages_.push_back(OrThrow(place_->Open()));
      timers_.push_back(std::make_unique<FakeTimer>(clock_));
      replicas_.push_back(
          OrThrow(Replica::Start(*storages_.back(), clock_, *timers_.back(), {.lease_ttl = kLeaseTtl})));
    }
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> addresses;
    for (const auto& replica : replicas_) addresses.push_back(replica->address());
    return addresses;
  }
  void PassLeases() {
    clock_.Advance(2 * kLeaseTtl);
    for (const auto& timer : timers_) timer->CallDue();
  }
  // A new study to run on, and no other.
  std::string NewStudy() {
    ServiceClient client(replicas_.front()->address());
    if (!study_.empty()) {
      EXPECT_OK(client.DeleteStudy(study_));
    }
    study_ = OrThrow(client.CreateStudy("owners/ada", WorkloadStudy(absl::StrCat("s", ++studies_)))).name();
    return study_;
  }

 private:
  FakeClock clock_;
  const std::unique_ptr<StoragePlace> place_;
  std::vector<std::unique_ptr<Storage>> storages_;
  std::vector<std::unique_ptr<FakeTimer>> timers_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::string study_;
  int studies_ = 0;
};

std::string Join(const std::vector<std::string>& violations) {
  std::string text;
  for (const std::string& violation : violations) text += violation;
  return text;
}

struct Setup {
  std::string name;
  std::function<std::unique_ptr<StoragePlace>()> make_place;
  int replicas = 1;

  friend void PrintTo(const Setup& setup, std::ostream* out) { *out << setup.name; }
};

class HistoryTest : public testing::TestWithParam<Setup> {};

std::vector<Setup> Setups() {
  std::vector<Setup> setups = {{"SqliteInMemory", [] { return std::make_unique<SqliteMemoryPlace>(); }},
                               {"SqliteOnDisk", [] { return std::make_unique<SqliteFilePlace>(); }}};
  if (PostgresServer::IsInstalled()) {
    setups.push_back({"Postgres", [] { return std::make_unique<PostgresPlace>(*postgres); }});
    setups.push_back({"PostgresWithTwoReplicas", [] { return std::make_unique<PostgresPlace>(*postgres); }, 2});
  }
  return setups;
}
INSTANTIATE_TEST_SUITE_P(Storages, HistoryTest, testing::ValuesIn(Setups()),
                         [](const auto& info) { return info.param.name; });

TEST_P(HistoryTest, EveryHistoryIsLinearizable) {
  Service service(GetParam().make_place(), GetParam().replicas);
  for (int done = 0; done < operations; done += kOperationsPerStudy) {
    Workload workload;
    workload.addresses = service.addresses();
    workload.study = service.NewStudy();
    workload.operations = std::min(operations - done, kOperationsPerStudy);
    workload.seed = static_cast<uint64_t>(done) + 1;
    workload.expire_leases = [&service] { service.PassLeases(); };
    ASSERT_EQ(Join(FindViolations(RunWorkload(workload))), "");
  }
}

// Runs a workload through a proxy.
std::vector<std::string> ViolationsWith(Fault fault, uint64_t seed = 1) {
  Service service(std::make_unique<SqliteMemoryPlace>(), 1);
  FaultyProxy proxy(service.addresses().front(), fault);
  Workload workload;
  workload.addresses = {proxy.address()};
  workload.study = service.NewStudy();
  workload.operations = 2000;
  workload.seed = seed;
  return FindViolations(RunWorkload(workload));
}

TEST(NetworkTest, AnUnreliableNetworkLeavesEveryHistoryLinearizable) {
  for (const Fault fault : {Fault::kNone, Fault::kLostMessages, Fault::kRepeatedMessages, Fault::kLateMessages}) {
    EXPECT_EQ(Join(ViolationsWith(fault)), "");
  }
}

struct Bug {
  std::string name;
  Fault fault;
  std::string shown;  // what the explanation must show

  friend void PrintTo(const Bug& bug, std::ostream* out) { *out << bug.name; }
};

class SeededBugTest : public testing::TestWithParam<Bug> {};
INSTANTIATE_TEST_SUITE_P(Bugs, SeededBugTest,
                         testing::Values(Bug{"LostUpdate", Fault::kLostUpdate, "AddTrialMeasurement"},
                                         Bug{"IdReuse", Fault::kIdReuse, "CreateTrial"},
                                         Bug{"DoubleAssignment", Fault::kDoubleAssignment, "SuggestTrials"},
                                         Bug{"StaleRead", Fault::kStaleRead, "GetTrial"},
                                         Bug{"ReplayAppliedTwice", Fault::kReplayAppliedTwice, "AddTrialMeasurement"},
                                         Bug{"ForgottenIds", Fault::kForgottenIds, "trial"},
                                         Bug{"RequeuedCompletion", Fault::kRequeuedCompletion, "CompleteTrial"}),
                         [](const auto& info) { return info.param.name; });

TEST_P(SeededBugTest, IsFoundAndExplained) {
  constexpr uint64_t kRounds = 10;  // some bugs need a coincidence
  std::vector<std::string> violations;
  for (uint64_t seed = 1; violations.empty() && seed <= kRounds; ++seed) {
    violations = ViolationsWith(GetParam().fault, seed);
  }
  ASSERT_FALSE(violations.empty());
  const auto length = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const std::string& shortest = *std::min_element(violations.begin(), violations.end(),
                                                  [&](const auto& a, const auto& b) { return length(a) < length(b); });
  constexpr int kReadable = 25;  // lines
  EXPECT_LE(length(shortest), kReadable) << shortest;
  EXPECT_THAT(Join(violations), HasSubstr(GetParam().shown));
  std::printf("%s", violations.front().c_str());
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "--operations=") || !absl::SimpleAtoi(argument, &photinus::operations)) {
      std::fprintf(stderr, "usage: history_test [--operations=N]\n");
      return 2;
    }
  }
  const char* ci = std::getenv("CI");
  if (photinus::PostgresServer::IsInstalled()) {
    photinus::postgres = std::make_unique<photinus::PostgresServer>();
  } else if (ci != nullptr && std::string(ci) == "true") {
    std::fprintf(stderr, "FAILED: postgresql-15 is not installed\n");
    return 1;
  }
  const int status = RUN_ALL_TESTS();
  photinus::postgres.reset();
  return status;
}
