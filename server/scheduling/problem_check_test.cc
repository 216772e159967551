#include "server/scheduling/problem_check.h"

#include <gtest/gtest.h>

#include "common/base/errors.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

absl::Status Check(const char* algorithm) {
  const auto problem = ParseStudyProblem(AStudy("s")
                                             .WithFloat("x")
                                             .WithObjective("y")
                                             .WithAlgorithm(algorithm)
                                             .WithDocument(R"({"algorithm": {"switch_at": 500}})")
                                             .Study()
                                             .study_spec());
  EXPECT_OK(problem);
  return CheckAlgorithmAndRule(*problem);
}

TEST(ProblemCheck, AnOptionMustBelongToTheAlgorithm) {
  EXPECT_OK(Check("HYBRID"));
  EXPECT_EQ(ErrorField(Check("HYPER_FIREFLY")), "algorithm.switch_at");
  EXPECT_EQ(ErrorField(Check("")), "algorithm.switch_at");
}

}  // namespace
}  // namespace photinus
