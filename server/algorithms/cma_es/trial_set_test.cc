#include "server/algorithms/cma_es/trial_set.h"

#include <cstdint>
#include <map>
#include <set>

#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(TrialSet, JoinsNeighbours) {
  TrialSet set;
  for (const int64_t id : {5, 1, 2, 4, 9}) set.Add(id);
  EXPECT_EQ(set.intervals(), (std::map<int64_t, int64_t>{{1, 2}, {4, 5}, {9, 9}}));
  set.Add(3);
  EXPECT_EQ(set.intervals(), (std::map<int64_t, int64_t>{{1, 5}, {9, 9}}));
}

TEST(TrialSet, IsTheSameAsAPlainSet) {
  TrialSet set;
  std::set<int64_t> plain;
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const auto id = static_cast<int64_t>(random.Below(200));
    set.Add(id);
    plain.insert(id);
    for (int64_t other = -1; other <= 200; ++other) ASSERT_EQ(set.Contains(other), plain.count(other) > 0) << other;
  }
  int64_t last_of_the_one_before = -2;
  for (const auto& [first, last] : set.intervals()) {
    EXPECT_GT(first, last_of_the_one_before + 1);
    last_of_the_one_before = last;
  }
}

}  // namespace
}  // namespace photinus
