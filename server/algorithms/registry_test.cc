#include "server/algorithms/registry.h"

#include <string>

#include "common/base/errors.h"
#include "gmock/gmock.h"

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

}  // namespace
}  // namespace photinus
