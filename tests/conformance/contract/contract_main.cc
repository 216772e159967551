// Runs the suite, and checks that no clause of the contract is without a test.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/str_format.h"
#include "tests/conformance/contract/contract_fixture.h"

namespace photinus {
namespace {

constexpr int kClauses = 28;

// The tests of a clause begin with its number: C05_DifferentClientsNeverShareATrial.
TEST(Contract, EveryClauseHasATest) {
  std::set<std::string> clauses;
  const testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  for (int suite = 0; suite < tests.total_test_suite_count(); ++suite) {
    const testing::TestSuite& cases = *tests.GetTestSuite(suite);
    for (int i = 0; i < cases.total_test_count(); ++i) {
      const std::string name = cases.GetTestInfo(i)->name();
      clauses.insert(name.substr(0, name.find('_')));
    }
  }
  for (int clause = 1; clause <= kClauses; ++clause) {
    const std::string number = absl::StrFormat("C%02d", clause);
    EXPECT_EQ(clauses.count(number), 1u) << number << " has no test";
  }
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  const char* ci = std::getenv("CI");
  const bool complete = photinus::PostgresServer::IsInstalled();
  if (!complete) {
    const bool must = ci != nullptr && std::string(ci) == "true";
    std::fprintf(stderr, "%s: postgresql-15 is not installed\n", must ? "FAILED" : "without PostgreSQL");
    if (must) return 1;
  }
  spdlog::set_level(spdlog::level::off);  // replicas complain of their storage's end
  testing::InitGoogleTest(&argc, argv);
  const int status = RUN_ALL_TESTS();
  photinus::StopContractBackends();
  return status;
}
