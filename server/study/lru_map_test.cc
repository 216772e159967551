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

TEST(LruMap, WhatWeighsMoreLeavesRoomForFewer) {
  LruMap<std::string> map(10);
  map.At(1) = "one";
  map.At(2) = "two";
  map.SetWeight(2, 9);
  EXPECT_TRUE(map.Contains(1));
  EXPECT_EQ(map.weight(), 10u);
  map.SetWeight(2, 50);  // the last one used stays, whatever it weighs
  EXPECT_FALSE(map.Contains(1));
  EXPECT_EQ(map.At(2), "two");
  EXPECT_EQ(map.weight(), 50u);
  map.At(3) = "three";
  EXPECT_FALSE(map.Contains(2));
  EXPECT_EQ(map.weight(), 1u);
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
