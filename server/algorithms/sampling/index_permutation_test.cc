#include "server/algorithms/sampling/index_permutation.h"

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(IndexPermutation, VisitsEveryNumberOnce) {
  for (const uint64_t n : {1, 2, 3, 4, 5, 16, 17, 64, 65, 1000, 4097}) {
    const IndexPermutation permutation(n, 7);
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < n; ++i) {
      EXPECT_LT(permutation.At(i), n);
      seen.insert(permutation.At(i));
    }
    EXPECT_EQ(seen.size(), n);
  }
}

TEST(IndexPermutation, DependsOnTheSeed) {
  const IndexPermutation one(100, 1), other(100, 2);
  int equal = 0;
  for (uint64_t i = 0; i < 100; ++i) equal += one.At(i) == other.At(i) ? 1 : 0;
  EXPECT_LE(equal, 5);
}

TEST(IndexPermutation, ServesLargeNumbers) {
  const uint64_t n = uint64_t{1} << 53;
  std::set<uint64_t> seen;
  for (uint64_t i = n - 1000; i < n; ++i) seen.insert(IndexPermutation(n, 3).At(i));
  EXPECT_EQ(seen.size(), 1000);
  EXPECT_LT(*seen.rbegin(), n);
}

// Over many seeds each place is as likely as any other, for a small n, whose halves are narrow.
TEST(IndexPermutation, SendsANumberAnywhereEquallyOften) {
  constexpr int kSeeds = 24000, kPlaces = 12;
  std::vector<int> counts(kPlaces);
  for (uint64_t seed = 0; seed < kSeeds; ++seed) ++counts[IndexPermutation(kPlaces, seed).At(5)];
  const double expected = kSeeds / kPlaces;
  for (const int count : counts) EXPECT_NEAR(count, expected, 5 * std::sqrt(expected));
}

}  // namespace
}  // namespace photinus
