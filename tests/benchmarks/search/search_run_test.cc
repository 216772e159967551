#include "tests/benchmarks/search/search_run.h"

#include <cmath>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/temporary_folder.h"
#include "gtest/gtest.h"
#include "tests/benchmarks/search/comparison.h"
#include "tests/benchmarks/search/own_searcher.h"
#include "tests/benchmarks/search/problems/catalogue.h"
#include "tests/benchmarks/search/rival_searcher.h"
#include "tests/benchmarks/search/run_pool.h"
#include "tests/benchmarks/search/suites.h"

namespace photinus {
namespace {

RunKey Key(const std::string& problem, const std::string& algorithm, int trials, int batch = 1) {
  return {.suite = "test", .problem = problem, .algorithm = algorithm, .seed = 3, .trials = trials, .batch = batch};
}

TEST(StepCurve, KeepsChangesOnly) {
  const StepCurve curve = ToStepCurve({5, 5, 3, 3, 3, 1});
  EXPECT_EQ(curve, (StepCurve{{1, 5}, {3, 3}, {6, 1}}));
  EXPECT_EQ(ValueAt(curve, 1), 5);
  EXPECT_EQ(ValueAt(curve, 2), 5);
  EXPECT_EQ(ValueAt(curve, 5), 3);
  EXPECT_EQ(ValueAt(curve, 100), 1);
}

TEST(RunSearch, IsTheSameEveryTime) {
  const SearchRun a = *RunSearch(Key("f15-d4", "DEFAULT", 12)), b = *RunSearch(Key("f15-d4", "DEFAULT", 12));
  EXPECT_EQ(a.regret, b.regret);
  EXPECT_EQ(a.seconds.size(), 12);
}

TEST(RunSearch, AsksForWholeBatchesAndEndsWithTheTrials) {
  class Counting final : public Searcher {
   public:
    absl::StatusOr<std::vector<Point>> Ask(int64_t first_trial, int count) override {
      asked.emplace_back(first_trial, count);
      return std::vector<Point>(count, Point{{"x0", 1.0}, {"x1", 2.0}});
    }
    absl::Status Tell(const std::vector<EvaluatedPoint>& trials) override {
      told += trials.size();
      return absl::OkStatus();
    }
    double CpuSeconds() const override { return 7; }
    std::string Versions() const override { return "none"; }

    std::vector<std::pair<int64_t, int>> asked;
    size_t told = 0;
  };
  const Problem problem = *MakeProblem("f1-d2", 3);
  Counting searcher;
  const SearchRun run = *RunSearch(Key("f1-d2", "COUNTING", 10, 4), problem, searcher);
  EXPECT_EQ(searcher.asked, (std::vector<std::pair<int64_t, int>>{{1, 4}, {5, 4}, {9, 2}}));
  EXPECT_EQ(searcher.told, 10);
  EXPECT_EQ(run.regret.size(), 1);
  EXPECT_EQ(run.seconds.size(), 10);
  EXPECT_EQ(run.cpu_seconds, 7);
}

TEST(RunSearch, FailsForUnknownNames) {
  EXPECT_FALSE(RunSearch(Key("f1-d4", "MAGIC", 3)).ok());
  EXPECT_FALSE(RunSearch(Key("f99-d4", "DEFAULT", 3)).ok());
}

TEST(RandomReference, IsTheMedianOfManyRandomSearches) {
  const StepCurve reference = RunSearch(Key("f1-d4", kRandomReference, 100))->regret;
  int better = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    RunKey key = Key("f1-d4", "RANDOM_SEARCH", 100);
    const Problem problem = *MakeProblem(key.problem, key.seed);
    const auto searcher = *MakeSearcher(key.algorithm, problem, seed);
    better += ValueAt(RunSearch(key, problem, *searcher)->regret, 100) < ValueAt(reference, 100) ? 1 : 0;
  }
  EXPECT_GT(better, 8);
  EXPECT_LT(better, 32);
}

// Constraints are what the two differ in.
TEST(RunSearch, TellsOurAlgorithmsOfConstraints) {
  RunKey key = Key("constrained-ball", "DEFAULT", 40);
  const SearchRun own = *RunSearch(key);
  key.algorithm = "RANDOM_SEARCH";
  const SearchRun random = *RunSearch(key);
  EXPECT_LT(random.feasible, 0.2);
  EXPECT_GT(own.feasible, 0.3);
  EXPECT_LT(own.regret.back().second, random.regret.back().second);
}

// Learns a trial once, and notes which ones it is told of. Its state is one byte per trial that it suggested.
class Forgetful final : public SuggestionAlgorithm {
 public:
  explicit Forgetful(std::vector<std::vector<int64_t>>& told) : told_(told) {}

  WantedTrials NewTo(std::string_view state) const override {
    if (state.size() < 3) return {};
    return {.ids = {1}, .and_from = static_cast<int64_t>(state.size())};
  }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override {
    told_.emplace_back();
    for (const EvaluatedPoint& trial : request.completed) told_.back().push_back(trial.trial_id);
    return SuggestResult{{{Point{{"x0", 1.0}, {"x1", 2.0}}, {}}}, std::string(request.state) + "x"};
  }

 private:
  std::vector<std::vector<int64_t>>& told_;
};

TEST(OwnSearcher, TellsAnAlgorithmOfTheTrialsThatItAsksFor) {
  const Problem problem = *MakeProblem("f1-d2", 3);
  std::vector<std::vector<int64_t>> told;
  OwnSearcher searcher(std::make_unique<Forgetful>(told), problem, 3);
  ASSERT_TRUE(RunSearch(Key("f1-d2", "FORGETFUL", 5), problem, searcher).ok());
  EXPECT_EQ(told, (std::vector<std::vector<int64_t>>{{}, {1}, {1, 2}, {1, 3}, {1, 4}}));
}

class RivalProtocol : public ::testing::TestWithParam<const char*> {};

TEST_P(RivalProtocol, SearchesEveryKindOfSpace) {
  const SearchRun run = *RunSearch(Key(GetParam(), "PYTHON_RANDOM", 30, 5));
  EXPECT_EQ(run.seconds.size(), 30);
  EXPECT_GT(run.regret.size(), 1);
  EXPECT_EQ(run.versions.substr(0, 7), "python ");
}

INSTANTIATE_TEST_SUITE_P(Problems, RivalProtocol,
                         ::testing::Values("f8-d8-mixed", "nas-ridge", "conditional-branches", "zdt1",
                                           "constrained-ball"));

TEST(RivalSearcher, ReportsAProcessThatEnds) {
  const Problem problem = *MakeProblem("f1-d4", 1);
  const Rival unknown{.name = "NO_SUCH_RIVAL", .several_objectives = false};
  EXPECT_FALSE(RivalSearcher::Start(unknown, problem, 1).ok());
}

TEST(RunAll, AppendsALineForEachRunAndSurvivesFailures) {
  const auto folder = TemporaryFolder::Make();
  const std::string path = folder->File("runs.jsonl");
  const std::vector<RunKey> runs = {Key("f1-d4", kRandomReference, 20), Key("f1-d4", "RANDOM_SEARCH", 20),
                                    Key("f1-d4", "MAGIC", 20)};
  EXPECT_EQ(RunAll(runs, 2, "new", path), 1);
  std::ofstream(path, std::ios::app) << "{\"torn";
  EXPECT_EQ(KeysIn(path).size(), 2);
  const std::vector<RunLine> lines = ReadRuns({path});
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0].key.algorithm, kRandomReference);
  EXPECT_EQ(lines[1].key.algorithm, "RANDOM_SEARCH@new");
  EXPECT_EQ(lines[1].regret, RunSearch(runs[1])->regret);
  EXPECT_GT(lines[1].peak_memory_mb, 0);
  EXPECT_EQ(lines[1].latency.size(), 20);
}

TEST(Suites, NameProblemsOfTheCatalogue) {
  std::set<std::string> names;
  for (const Suite& suite : Suites()) names.insert(suite.problems.begin(), suite.problems.end());
  for (const std::string& name : names) EXPECT_TRUE(MakeProblem(name, 1).ok()) << name;
}

TEST(QuasiRandomSearch, IsNoWorseThanRandomSearchOnASmoothProblem) {
  std::vector<double> scores;
  for (uint64_t seed = 201; seed <= 230; ++seed) {
    RunKey key{.problem = "f1-d8", .algorithm = kRandomReference, .seed = seed, .trials = 100};
    const StepCurve reference = RunSearch(key)->regret;
    key.algorithm = "QUASI_RANDOM_SEARCH";
    scores.push_back(ScoreOf(RunSearch(key)->regret, reference, key.trials).final);
  }
  EXPECT_LT(Mean(scores), 0.05);
}

}  // namespace
}  // namespace photinus
