#include "tests/conformance/history/history_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Calls in the order of their beginnings, each with its end.
Operation At(int64_t begin, int64_t end, Operation operation) {
  operation.begin = begin;
  operation.end = end;
  if (operation.outcome == Outcome::kUnknown) operation.outcome = Outcome::kOk;
  return operation;
}
Operation Unanswered(int64_t begin, Operation operation) {
  operation.begin = begin;
  operation.trials.clear();
  return operation;
}
TrialView Active(const std::string& client, std::vector<Reading> readings = {}) {
  return {.id = 1, .state = pb::Trial::ACTIVE, .client = client, .x = 0.5, .readings = std::move(readings)};
}
TrialView Succeeded(const std::string& client, double result) {
  return {.id = 1, .state = pb::Trial::SUCCEEDED, .client = client, .x = 0.5, .result = result};
}
Operation Suggest(const std::string& client, TrialView view) {
  return {.action = Action::kSuggest, .client = client, .trials = {std::move(view)}};
}
Operation Measure(Reading reading, TrialView view) {
  return {.action = Action::kMeasure, .trial = 1, .reading = reading, .trials = {std::move(view)}};
}
Operation Get(TrialView view) { return {.action = Action::kGet, .trial = 1, .trials = {std::move(view)}}; }
Operation Complete(double result, TrialView view) {
  return {.action = Action::kComplete, .trial = 1, .reading = {.y = result}, .trials = {std::move(view)}};
}

TEST(HistoryChecker, CallsThatOverlapMayHappenInAnyOrder) {
  const Operation begin = At(1, 2, Suggest("a", Active("a")));
  const Operation measure = At(3, 8, Measure({1, 0}, Active("a")));
  EXPECT_THAT(FindViolations({begin, measure, At(4, 5, Get(Active("a")))}), IsEmpty());
  EXPECT_THAT(FindViolations({begin, measure, At(4, 5, Get(Active("a", {{1, 0}})))}), IsEmpty());
}

TEST(HistoryChecker, ReadsMayNotGoBackInTime) {
  const std::vector<std::string> violations = FindViolations({
      At(1, 2, Suggest("a", Active("a"))),
      At(3, 9, Measure({1, 0}, Active("a"))),
      At(4, 5, Get(Active("a", {{1, 0}}))),
      At(6, 7, Get(Active("a"))),
  });
  EXPECT_THAT(violations, ElementsAre(HasSubstr("trial 1: no order")));
}

TEST(HistoryChecker, WhatIsUnknownMayHaveHappenedOrNotButNotBoth) {
  const Operation begin = At(1, 2, Suggest("a", Active("a")));
  const Operation lost = Unanswered(3, Complete(1, {}));
  EXPECT_THAT(FindViolations({begin, lost, At(4, 5, Get(Active("a")))}), IsEmpty());
  EXPECT_THAT(FindViolations({begin, lost, At(4, 5, Get(Succeeded("a", 1)))}), IsEmpty());
  EXPECT_THAT(FindViolations({begin, lost, At(4, 5, Get(Active("a"))), At(6, 7, Get(Succeeded("a", 1)))}), IsEmpty());
  EXPECT_THAT(FindViolations({begin, lost, At(4, 5, Get(Succeeded("a", 1))), At(6, 7, Get(Active("a")))}),
              Not(IsEmpty()));
  EXPECT_THAT(FindViolations({begin, lost, At(4, 5, Get(Succeeded("a", 2)))}), Not(IsEmpty()));
}

TEST(HistoryChecker, ATrialMayComeFromACallWhoseAnswerWasLost) {
  const Operation gone = At(3, 4, {.action = Action::kDelete, .trial = 1});
  EXPECT_THAT(FindViolations({gone}), ElementsAre(HasSubstr("trial 1: no order")));
  EXPECT_THAT(FindViolations({Unanswered(1, {.action = Action::kSuggest, .client = "a"}), gone}), IsEmpty());
  EXPECT_THAT(FindViolations({gone, Unanswered(5, {.action = Action::kSuggest, .client = "a"})}), Not(IsEmpty()));
}

TEST(HistoryChecker, ACompletionIsACompareAndSet) {
  const Operation begin = At(1, 2, Suggest("a", Active("a")));
  const Operation first = At(3, 6, Complete(1, Succeeded("a", 1)));
  EXPECT_THAT(FindViolations({begin, first, At(4, 7, Complete(1, Succeeded("a", 1)))}), IsEmpty());
  EXPECT_THAT(FindViolations({begin, first, At(4, 7, Complete(2, Succeeded("a", 2)))}), Not(IsEmpty()));
  Operation refused = Complete(2, {});
  refused.trials.clear();
  refused.outcome = Outcome::kRefused;
  EXPECT_THAT(FindViolations({begin, first, At(4, 7, refused)}), IsEmpty());
}

Operation Pull(const std::string& incarnation, const std::string& token) {
  return {.action = Action::kPull,
          .client = "w.0",
          .worker = "w",
          .incarnation = incarnation,
          .token = token,
          .trials = {Active("w.0")}};
}
Operation Refused(Operation operation, Outcome outcome) {
  operation.trials.clear();
  operation.outcome = outcome;
  return operation;
}
Operation WithToken(Operation operation, const std::string& token) {
  operation.token = token;
  return operation;
}
Operation Release(const std::string& token) { return {.action = Action::kRelease, .trial = 1, .token = token}; }

TEST(HistoryChecker, OfTwoProcessesOfAWorkerTheOneThatCameLastCounts) {
  const Operation first = At(1, 2, Pull("i", "1-1-1"));
  const Operation second = At(3, 4, Pull("j", "1-1-2"));
  const Operation superseded = At(5, 6, Refused(Pull("i", ""), Outcome::kSuperseded));
  EXPECT_THAT(FindViolations({first, second, superseded, At(7, 8, Pull("j", "1-1-2"))}), IsEmpty());
  EXPECT_THAT(FindViolations({first, second, At(5, 6, Pull("i", "1-1-3"))}),
              ElementsAre(HasSubstr("worker w: no order")));
  EXPECT_THAT(FindViolations({first, At(3, 4, Refused(Pull("j", ""), Outcome::kSuperseded))}), Not(IsEmpty()));
  EXPECT_THAT(FindViolations({first, At(3, 4, Pull("j", "1-1-1"))}), IsEmpty()) << "whatever its token is";
  const Operation stale = At(5, 6, Refused(WithToken(Complete(1, {}), "1-1-1"), Outcome::kLeaseLost));
  EXPECT_THAT(FindViolations({first, second, stale}), IsEmpty());
  EXPECT_THAT(FindViolations({first, second, At(5, 6, WithToken(Complete(1, Succeeded("w.0", 1)), "1-1-1"))}),
              Not(IsEmpty()));
}

TEST(HistoryChecker, ATrialThatCostsThreeProcessesIsGivenUpForAnother) {
  Operation last = Pull("l", "1-2-1");
  last.trials.front().id = 2;
  last.trials.front().x = 0.75;
  TrialView given_up = Active("w.0");
  given_up.state = pb::Trial::INFEASIBLE;
  const Operation first = At(1, 2, Pull("i", "1-1-1")), second = At(3, 4, Pull("j", "1-1-2"));
  const Operation third = At(5, 6, Pull("k", "1-1-3"));
  EXPECT_THAT(FindViolations({first, second, third, At(7, 8, last), At(9, 10, Get(given_up))}), IsEmpty());
  EXPECT_THAT(FindViolations({first, second, third, At(7, 8, last), At(9, 10, Get(Active("w.0")))}), Not(IsEmpty()));
  EXPECT_THAT(FindViolations({first, second, At(7, 8, last)}), Not(IsEmpty())) << "too early";
}

TEST(HistoryChecker, AStaleTokenIsRefusedWhateverTheResult) {
  const Operation first = At(1, 2, Pull("i", "1-1-1")), second = At(3, 4, Pull("j", "1-1-2"));
  const Operation done = At(5, 6, WithToken(Complete(1, Succeeded("w.0", 1)), "1-1-2"));
  const Operation stale = WithToken(Complete(1, Succeeded("w.0", 1)), "1-1-1");
  EXPECT_THAT(FindViolations({first, second, done, At(7, 8, Refused(stale, Outcome::kLeaseLost))}), IsEmpty());
  EXPECT_THAT(FindViolations({first, second, done, At(7, 8, stale)}), Not(IsEmpty()));
  EXPECT_THAT(FindViolations({first, second, done, At(7, 8, WithToken(Complete(1, Succeeded("w.0", 1)), "1-1-2"))}),
              IsEmpty());
}

TEST(HistoryChecker, AReleaseThatIsRepeatedIsAnswered) {
  const Operation pull = At(1, 2, Pull("i", "1-1-1"));
  const Operation release = At(3, 4, Release("1-1-1"));
  EXPECT_THAT(FindViolations({pull, release, At(5, 6, Release("1-1-1"))}), IsEmpty());
  EXPECT_THAT(FindViolations({pull, release, At(5, 6, Refused(Release("1-1-1"), Outcome::kLeaseLost))}),
              Not(IsEmpty()));
  EXPECT_THAT(FindViolations({pull, At(5, 6, Release("1-1-7"))}), Not(IsEmpty()));
}

TEST(HistoryChecker, ATrialHasOneClient) {
  EXPECT_THAT(FindViolations({At(1, 3, Suggest("a", Active("a"))), At(2, 4, Suggest("b", Active("b")))}),
              Not(IsEmpty()));
}

TEST(HistoryChecker, AClientGetsWhatItHasBeforeAnythingNew) {
  TrialView second = Active("a");
  second.id = 2;
  second.x = 0.75;
  EXPECT_THAT(FindViolations({At(1, 2, Suggest("a", Active("a"))), At(3, 4, Suggest("a", second))}),
              ElementsAre(HasSubstr("client a: no order")));
}

TEST(HistoryChecker, IdsGrowAndHaveNoGaps) {
  const auto created = [](int64_t id, double x) {
    return Operation{
        .action = Action::kCreateTrial, .x = x, .trials = {{.id = id, .state = pb::Trial::REQUESTED, .x = x}}};
  };
  EXPECT_THAT(FindViolations({At(1, 4, created(2, 0.2)), At(2, 3, created(1, 0.1))}), IsEmpty());
  EXPECT_THAT(FindViolations({At(1, 2, created(2, 0.2)), At(3, 4, created(1, 0.1))}),
              ElementsAre(HasSubstr("id 1 is not larger")));
  EXPECT_THAT(FindViolations({At(1, 2, created(1, 0.1)), At(3, 4, created(3, 0.3))}),
              ElementsAre(HasSubstr("ids have gaps")));
  EXPECT_THAT(FindViolations({At(1, 4, created(1, 0.1)), At(2, 3, created(1, 0.2))}), Not(IsEmpty()));
}

TEST(HistoryChecker, TheExplanationLeavesOutWhatDoesNotMatter) {
  std::vector<Operation> history = {At(1, 2, Suggest("a", Active("a")))};
  for (int64_t tick = 3; tick < 40; tick += 2) history.push_back(At(tick, tick + 1, Get(Active("a"))));
  history.push_back(At(50, 51, Complete(1, Succeeded("a", 1))));
  history.push_back(At(52, 53, Get(Active("a"))));
  history.push_back(At(54, 55, Get(Succeeded("a", 1))));
  const std::vector<std::string> violations = FindViolations(history);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0], HasSubstr("[52, 53] GetTrial(trial 1) -> OK  {1 ACTIVE of a}"));
  EXPECT_THAT(violations[0], HasSubstr("[50, 51] CompleteTrial(trial 1, y=1)"));
  EXPECT_THAT(violations[0], Not(HasSubstr("[3, 4]")));
  EXPECT_THAT(violations[0], Not(HasSubstr("[54, 55]")));
}

}  // namespace
}  // namespace photinus
