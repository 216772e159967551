#include "tests/benchmarks/search/kept_runs.h"

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/comparison.h"
#include "tests/benchmarks/search/rival_searcher.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

std::string TextOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

SearchRun RunOf(const std::string& algorithm, uint64_t seed, double regret) {
  return {.key = {.suite = "s", .problem = "p", .algorithm = algorithm, .seed = seed, .trials = 10},
          .regret = {{1, regret}},
          .versions = "v",
          .seconds = {0.12345, 0.2},
          .cpu_seconds = 0.98765};
}

void Write(const std::string& path, const std::vector<SearchRun>& runs) {
  std::ofstream file(path);
  for (const SearchRun& run : runs) file << ToJson(run).dump() << "\n";
}

class KeptRuns : public ::testing::Test {
 protected:
  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  const std::string data_ = folder_.File("data"), input_ = folder_.File("runs");
};

TEST_F(KeptRuns, AreRivalsInOrderAndRounded) {
  Write(input_, {RunOf("HEBO", 2, 1.23456789), RunOf("HEBO", 1, 2), RunOf("DEFAULT", 1, 3), RunOf("OPTUNA_GP", 1, 4),
                 RunOf(kRandomReference, 1, 5)});
  EXPECT_EQ(KeepRuns({input_}, data_), 3);
  EXPECT_EQ(KeptFiles(data_), (std::vector<std::string>{data_ + "/HEBO.jsonl", data_ + "/OPTUNA_GP.jsonl"}));
  const std::vector<RunLine> lines = ReadRuns({data_ + "/HEBO.jsonl"});
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0].key.seed, 1);
  EXPECT_EQ(lines[1].regret, (StepCurve{{1, 1.23457}}));
  EXPECT_EQ(lines[1].seconds.at("first"), 0.123);
  EXPECT_EQ(lines[1].cpu_seconds, 0.988);
  EXPECT_EQ(lines[1].latency, (std::vector<std::pair<int, double>>{{1, 0.123}, {2, 0.2}}));
}

TEST_F(KeptRuns, AreReplacedByNewOnes) {
  Write(input_, {RunOf("HEBO", 1, 1), RunOf("HEBO", 2, 2)});
  EXPECT_EQ(KeepRuns({input_}, data_), 2);
  Write(input_, {RunOf("HEBO", 2, 3)});
  EXPECT_EQ(KeepRuns({input_}, data_), 1);
  const std::vector<RunLine> lines = ReadRuns(KeptFiles(data_));
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0].regret, (StepCurve{{1, 1}}));
  EXPECT_EQ(lines[1].regret, (StepCurve{{1, 3}}));
}

TEST_F(KeptRuns, CountOnInstancesOfTheInputsUnlessTheseHaveThemselves) {
  Write(input_, {RunOf("HEBO", 1, 1), RunOf("HEBO", 2, 2), RunOf("HEBO", 3, 3)});
  KeepRuns({input_}, data_);
  Write(input_, {RunOf(kRandomReference, 1, 4), RunOf("HEBO", 2, 5)});
  const std::vector<RunLine> lines = ReadRuns({input_}, KeptFiles(data_));
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(lines[0].regret, (StepCurve{{1, 1}}));
  EXPECT_EQ(lines[1].regret, (StepCurve{{1, 5}}));
  EXPECT_EQ(lines[2].key.algorithm, kRandomReference);
}

TEST(CommittedRuns, AreOfThePinnedVersions) {
  const std::string rivals = SEARCH_RIVALS;
  const std::string pins =
      TextOf(rivals + "/hebo.txt") + TextOf(rivals + "/optuna.txt") + TextOf(rivals + "/vizier.txt");
  const std::vector<RunLine> lines = ReadRuns(KeptFiles(kKeptRuns));
  EXPECT_FALSE(lines.empty());
  for (const RunLine& line : lines) {
    EXPECT_NE(FindRival(line.key.algorithm), nullptr) << line.key.algorithm;
    const std::vector<std::string> packages = absl::StrSplit(line.versions, ", ");
    for (const std::string& package : packages) {
      ASSERT_THAT(pins, HasSubstr(absl::StrReplaceAll(package, {{" ", "=="}}) + "\n")) << line.key.algorithm;
    }
  }
}

}  // namespace
}  // namespace photinus
