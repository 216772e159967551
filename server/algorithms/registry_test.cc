#include "server/algorithms/registry.h"

#include <string>
#include <vector>

#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

TEST(Registry, MakesEveryAlgorithmItNames) {
  const SearchSpace space = *SearchSpace::FromSpec(pb::StudySpec());
  for (const std::string& name : AlgorithmNames()) {
    EXPECT_TRUE(MakeAlgorithm(name).ok()) << name;
    EXPECT_TRUE(CheckAlgorithm(name, space, {}).ok()) << name;
  }
}

TEST(Registry, TakesNoNameForTheBestOne) { EXPECT_TRUE(MakeAlgorithm("").ok()); }

struct UnknownName {
  const char* situation;
  const char* name;
  const char* message;
};

class UnknownAlgorithm : public ::testing::TestWithParam<UnknownName> {};

TEST_P(UnknownAlgorithm, IsRefusedWithTheListAndTheNearest) {
  const absl::Status status = MakeAlgorithm(GetParam().name).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "algorithm");
  EXPECT_THAT(std::string(status.message()), HasSubstr("QUASI_RANDOM_SEARCH"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
  const SearchSpace space = *SearchSpace::FromSpec(pb::StudySpec());
  EXPECT_EQ(CheckAlgorithm(GetParam().name, space, {}), status);
}

INSTANTIATE_TEST_SUITE_P(Table, UnknownAlgorithm,
                         ::testing::Values(UnknownName{"Misspelt", "RANDOM_SERCH", "did you mean 'RANDOM_SEARCH'?"},
                                           UnknownName{"LowerCase", "random_search", "did you mean 'RANDOM_SEARCH'?"},
                                           UnknownName{"Nonsense", "x", "'x' is not an algorithm"}),
                         [](const auto& info) { return info.param.situation; });

SearchSpace Space(const std::string& text) {
  pb::StudySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  return *SearchSpace::FromSpec(spec);
}

struct UnservedProblem {
  const char* situation;
  const char* algorithm;
  const char* space;
  size_t objectives;
  const char* message;
};

class UnservedAlgorithm : public ::testing::TestWithParam<UnservedProblem> {};

TEST_P(UnservedAlgorithm, IsRefusedWithTheReasonAndWhatToUseInstead) {
  const UnservedProblem& problem = GetParam();
  const std::vector<Objective> objectives(problem.objectives);
  const absl::Status status = CheckAlgorithm(problem.algorithm, Space(problem.space), objectives);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "algorithm");
  EXPECT_EQ(status.message(), problem.message);
}

constexpr char kHugeGrid[] = R"(
  parameters { parameter_id: "a" integer_value_spec { min_value: 1 max_value: 2147483648 } }
  parameters { parameter_id: "b" integer_value_spec { min_value: 1 max_value: 2147483648 } })";

INSTANTIATE_TEST_SUITE_P(Table, UnservedAlgorithm,
                         ::testing::Values(UnservedProblem{
                             "HugeGrid", "SHUFFLED_GRID_SEARCH", kHugeGrid, 1,
                             "algorithm: the grid of SHUFFLED_GRID_SEARCH would have more than 2^53 points "
                             "here; use QUASI_RANDOM_SEARCH, which fills any space evenly, or DEFAULT"}),
                         [](const auto& info) { return info.param.situation; });

}  // namespace
}  // namespace photinus
