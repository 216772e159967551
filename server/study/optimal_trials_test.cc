#include "server/study/optimal_trials.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "common/base/random.h"

namespace photinus {
namespace {

bool Dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool no_worse = true;
  for (size_t i = 0; i < a.size(); ++i) no_worse = no_worse && a[i] <= b[i];
  return no_worse && a != b;
}

std::vector<int64_t> ByDefinition(const std::vector<TrialCosts>& trials) {
  std::vector<int64_t> ids;
  for (const TrialCosts& trial : trials) {
    const bool dominated = std::any_of(trials.begin(), trials.end(),
                                       [&](const TrialCosts& other) { return Dominates(other.costs, trial.costs); });
    if (!dominated) ids.push_back(trial.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// `values` different values of each cost: few make many ties.
std::vector<TrialCosts> RandomTrials(Random& random, int count, int costs, int values) {
  std::vector<TrialCosts> trials;
  for (int id = 1; id <= count; ++id) {
    TrialCosts trial{id, {}};
    for (int i = 0; i < costs; ++i) trial.costs.push_back(std::floor(random.Uniform() * values));
    trials.push_back(std::move(trial));
  }
  return trials;
}

TEST(OptimalTrials, AreThoseOfTheDefinition) {
  Random random(7);
  for (const int costs : {2, 3, 4, 6}) {
    for (const int values : {2, 5, 1000}) {
      for (const int count : {1, 2, 3, 17, 60, 300}) {
        const auto trials = RandomTrials(random, count, costs, values);
        EXPECT_EQ(OptimalTrials(trials), ByDefinition(trials)) << costs << " costs, " << values << " values, " << count;
      }
    }
  }
}

TEST(OptimalTrials, OfEquallyGoodOnesTheOldestIsTheIncumbentAndAllAreOnTheFront) {
  EXPECT_EQ(OptimalTrials({{3, {1}}, {2, {1}}, {1, {4}}}), std::vector<int64_t>{2});
  EXPECT_EQ(OptimalTrials({{3, {1, 2}}, {2, {1, 2}}, {1, {4, 4}}}), (std::vector<int64_t>{2, 3}));
}

TEST(OptimalTrials, WithoutTrialsOrCostsThereAreNone) {
  EXPECT_TRUE(OptimalTrials({}).empty());
  EXPECT_TRUE(OptimalTrials({{1, {}}}).empty());
}

TEST(OptimalTrials, AFrontOfAllTrialsIsFoundAsFast) {
  constexpr int kCount = 100'000;  // compared one by one, this would take minutes
  std::vector<TrialCosts> trials;
  for (int id = 1; id <= kCount; ++id) {
    const double x = id;
    trials.push_back({id, {x, kCount - x, std::fmod(x * 7919, kCount)}});
  }
  EXPECT_EQ(OptimalTrials(trials).size(), static_cast<size_t>(kCount));
}

}  // namespace
}  // namespace photinus
