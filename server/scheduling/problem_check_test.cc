#include "server/scheduling/problem_check.h"

#include <gtest/gtest.h>

#include "common/base/errors.h"
#include "server/stopping/stopping_rule.h"
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

TEST(ProblemCheck, OnlyOurAlgorithmsThatLearnStartWarm) {
  const auto check = [](AStudy study) {
    const auto problem =
        ParseStudyProblem(study.WithFloat("x").WithDocument(R"({"warm_start": ["other"]})").Study().study_spec());
    EXPECT_OK(problem);
    return CheckAlgorithmAndRule(*problem);
  };
  EXPECT_OK(check(AStudy("s").WithObjective("y").WithAlgorithm("TPE")));
  EXPECT_THAT(check(AStudy("s").WithObjective("y").WithAlgorithm("GRID_SEARCH")),
              FailsWith(absl::StatusCode::kInvalidArgument, "warm_start: GRID_SEARCH learns from no trials"));
  EXPECT_THAT(check(AStudy("s").WithAlgorithm("DEFAULT")),
              FailsWith(absl::StatusCode::kInvalidArgument, "warm_start: needs a metric"));
}

TEST(ProblemCheck, OnlyTheGpTakesPriorsAndOnlyOfTheStudysParameters) {
  const auto check = [](const std::string& algorithm, const std::string& priors) {
    const auto problem = ParseStudyProblem(AStudy("s")
                                               .WithFloat("x")
                                               .WithObjective("y")
                                               .WithAlgorithm(algorithm)
                                               .WithDocument(R"({"priors": )" + priors + "}")
                                               .Study()
                                               .study_spec());
    EXPECT_OK(problem);
    return CheckAlgorithmAndRule(*problem);
  };
  constexpr char kGood[] = R"({"x": {"centre": 0.5, "deviation": 0.1}})";
  for (const char* gp : {"", "DEFAULT", "GP_UCB_PE", "GAUSSIAN_PROCESS_BANDIT"}) EXPECT_OK(check(gp, kGood));
  EXPECT_THAT(check("TPE", kGood), FailsWith(absl::StatusCode::kInvalidArgument,
                                             "priors: TPE has no use for priors; use DEFAULT, or remove them"));
  EXPECT_THAT(check("DEFAULT", R"({"z": {"centre": 0.5}})"),
              FailsWith(absl::StatusCode::kInvalidArgument, "priors.z: is no parameter of the study"));
}

TEST(ProblemCheck, TheStoppingRuleMustExistAndHaveACurve) {
  const auto check = [](const std::string& settings) {
    const auto problem = ParseStudyProblem(AStudy("s")
                                               .WithFloat("x")
                                               .WithObjective("y")
                                               .WithDocument(R"({"early_stopping": {)" + settings + "}}")
                                               .Study()
                                               .study_spec());
    EXPECT_OK(problem);
    return CheckAlgorithmAndRule(*problem);
  };
  for (const std::string& rule : StoppingRuleNames()) {
    EXPECT_OK(check("\"rule\": \"" + rule + "\"" + (rule == "PATIENT" ? ", \"patience\": 2" : "")));
  }
  EXPECT_EQ(ErrorField(check(R"("rule": "TSPG")")), "early_stopping.rule");
  EXPECT_OK(check(R"("rule": "TSGP", "min_steps": 9, "horizon": 10)"));
  EXPECT_OK(check(R"("rule": "TSGP", "min_steps": 9)"));
  for (const char* rule : {"TSGP", "EXP_DECAY", "DECAY_CURVE", "ASHA", "HYPERBAND"}) {
    EXPECT_THAT(check(std::string("\"rule\": \"") + rule + R"(", "min_steps": 10, "horizon": 10)"),
                FailsWith(absl::StatusCode::kInvalidArgument,
                          "early_stopping.min_steps: must be less than the horizon, 10, at which trials have ended; "
                          "not 10"));
  }
  EXPECT_EQ(ErrorField(check(R"("rule": "TSGP", "curve": "z")")), "early_stopping.goal");
}

}  // namespace
}  // namespace photinus
