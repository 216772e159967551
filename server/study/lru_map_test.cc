#include "server/study/lru_map.h"

#include <gtest/gtest.h>

#include <string>

namespace photinus {
namespace {

TEST(LruMap, ForgetsWhatWasUnusedForLongest) {
  LruMap<std::string> map(2);
  map.At(1) = "one";
  map.At(2) = "two";
  EXPECT_EQ(map.At(1), "one");  // now 2 is the oldest
  map.At(3) = "three";
  EXPECT_FALSE(map.Contains(2));
  EXPECT_EQ(map.At(1), "one");
  EXPECT_EQ(map.At(3), "three");
  EXPECT_EQ(map.At(2), "");  // made anew, at the cost of 1
  EXPECT_FALSE(map.Contains(1));
}

TEST(LruMap, AnErasedKeyLeavesRoom) {
  LruMap<std::string> map(2);
  map.At(1) = "one";
  map.At(2) = "two";
  map.Erase(1);
  map.Erase(9);
  map.At(3) = "three";
  EXPECT_TRUE(map.Contains(2));
  EXPECT_EQ(map.At(1), "");
}

}  // namespace
}  // namespace photinus
