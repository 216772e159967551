#include "tests/benchmarks/search/own_searcher.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/benchmarks/search/problems/catalogue.h"
#include "tests/benchmarks/search/suggestion_latency.h"

namespace photinus {
namespace {

// What the searcher did with an algorithm whose state says how many lessons it had.
struct Log {
  std::vector<std::string> states;  // of the suggestions
  std::vector<bool> other_thread;   // by lesson
};

// Every trial is a lesson. From trial `renewal` on, Suggest changes the state itself.
class Pupil final : public SuggestionAlgorithm {
 public:
  Pupil(Log& log, int64_t renewal) : log_(log), renewal_(renewal) {}

  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override {
    log_.states.emplace_back(request.state);
    SuggestResult result{.suggestions = {{.point = {{"x0", 1.0}, {"x1", 1.0}}, .explanation = {}}},
                         .state = std::string(request.state)};
    if (request.first_trial_id >= renewal_) result.state = "renewed";
    return result;
  }
  Lesson Learn(const SuggestRequest& request) const override {
    const size_t lesson = log_.other_thread.size();
    log_.other_thread.push_back(false);
    return [this, lesson, state = std::string(request.state),
            caller = std::this_thread::get_id()](const std::function<bool()>&) -> absl::StatusOr<std::string> {
      log_.other_thread[lesson] = std::this_thread::get_id() != caller;
      return state + "+";
    };
  }

 private:
  Log& log_;
  const int64_t renewal_;
};

Log LogOf(Lessons lessons, int64_t renewal) {
  Log log;
  const Problem problem = *MakeProblem("f1-d2", 1);
  auto searcher = std::make_unique<OwnSearcher>(std::make_unique<Pupil>(log, renewal), problem, 1, lessons);
  for (int64_t trial = 1; trial <= 4; ++trial) {
    const Point point = (*searcher->Ask(trial, 1))[0];
    EXPECT_TRUE(searcher->Tell({Evaluate(problem, point, 1, trial)}).ok());
    EXPECT_EQ(searcher->IsLearning(), lessons == Lessons::kBeside);
  }
  searcher.reset();  // which ends the last lesson
  return log;
}

TEST(OwnSearcher, LearnsBeforeTheNextSuggestion) {
  const Log log = LogOf(Lessons::kAtOnce, /*renewal=*/100);
  EXPECT_EQ(log.states, (std::vector<std::string>{"", "+", "++", "+++"}));
  EXPECT_EQ(log.other_thread, (std::vector<bool>{false, false, false, false}));
}

TEST(OwnSearcher, SuggestsWithTheOldStateBesideALesson) {
  const Log log = LogOf(Lessons::kBeside, /*renewal=*/100);
  EXPECT_EQ(log.states, (std::vector<std::string>{"", "", "+", "++"}));
  EXPECT_EQ(log.other_thread, (std::vector<bool>{true, true, true, true}));
}

TEST(OwnSearcher, ForgetsALessonOnAStateThatASuggestionReplaced) {
  EXPECT_EQ(LogOf(Lessons::kBeside, /*renewal=*/3).states, (std::vector<std::string>{"", "", "+", "renewed"}));
}

class Latency : public ::testing::TestWithParam<const char*> {};

TEST_P(Latency, IsMeasuredInEveryKindOfSpace) {
  const LatencyFigures figures = *MeasureLatency("DEFAULT", GetParam(), /*trials=*/60, /*suggestions=*/4);
  EXPECT_GT(figures.p50.wall, 0);
  EXPECT_GE(figures.p99.wall, figures.p50.wall);
  EXPECT_GT(figures.cpu_per_suggestion, 0);
  EXPECT_EQ(figures.beside_lessons, 4);  // of no more trials each is a lesson
  EXPECT_GT(figures.slowest_beside_lesson, 0);
}

INSTANTIATE_TEST_SUITE_P(Problems, Latency,
                         ::testing::Values("f8-d4", "f8-d8-mixed", "nas-epistasis", "conditional-training", "zdt1",
                                           "constrained-ball"));

}  // namespace
}  // namespace photinus
