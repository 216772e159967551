#include "worker/data/voices.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "worker/data/words.h"

namespace photinus::data {
namespace {

TEST(Voices, AreNeverSharedBetweenSplits) {
  std::set<std::string_view> seen;
  for (const Split split : kSplits) {
    EXPECT_GE(Variants(split).size(), 10u) << SplitName(split);
    for (const std::string_view variant : Variants(split)) {
      EXPECT_TRUE(seen.insert(variant).second) << variant << " speaks in two splits";
    }
  }
}

TEST(Voices, OfOneFamilyStayInOneSplit) {
  for (const Split split : kSplits) {
    for (const Split other : kSplits) {
      if (split == other) continue;
      for (const std::string_view a : Variants(split)) {
        for (const std::string_view b : Variants(other)) {
          // A family is one name with a number behind it. The variants m1..m8 and f1..f5 are different people.
          if (a.size() <= 2) continue;
          EXPECT_NE(std::string(a) + std::string(1, b.back()), b);
        }
      }
    }
  }
}

TEST(Words, NoUnknownWordIsAKeyword) {
  EXPECT_EQ(KeywordClasses().size(), 12u);
  EXPECT_EQ(UnknownWords().size(), 40u);
  std::set<std::string_view> words(UnknownWords().begin(), UnknownWords().end());
  EXPECT_EQ(words.size(), 40u);
  for (const std::string_view keyword : KeywordClasses()) EXPECT_FALSE(words.contains(keyword)) << keyword;
}

}  // namespace
}  // namespace photinus::data
