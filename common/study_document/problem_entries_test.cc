#include "common/study_document/problem_entries.h"

#include <gtest/gtest.h>

namespace photinus {
namespace {

pb::KeyValue Entry(const char* ns, const char* key) {
  pb::KeyValue entry;
  entry.set_ns(ns);
  entry.set_key(key);
  return entry;
}

TEST(ProblemEntries, OurNamespaceHasTwoSpellings) {
  for (const char* ours : {"photinus", ":photinus"}) EXPECT_TRUE(IsOwnNamespace(ours)) << ours;
  for (const char* other : {"", ":", "::photinus", "photinus:", ":photinus:state", "Photinus", "photinu"}) {
    EXPECT_FALSE(IsOwnNamespace(other)) << other;
  }
}

TEST(ProblemEntries, AreTheStudyDocumentAndTheEndpoint) {
  EXPECT_TRUE(IsStudyDocument(Entry("photinus", "study")));
  EXPECT_TRUE(IsStudyDocument(Entry(":photinus", "study")));
  for (const pb::KeyValue& other : {Entry(":photinus", "architecture"), Entry("", "study")}) {
    EXPECT_FALSE(IsPartOfProblem(other));
  }
  EXPECT_TRUE(IsPartOfProblem(Entry(":photinus", "study")));
  EXPECT_TRUE(IsPartOfProblem(Entry(":service", "PYTHIA_ENDPOINT")));
  EXPECT_FALSE(IsEndpoint(Entry(":photinus", "study")));
}

TEST(ProblemEntries, AreKeptInOneSpelling) {
  pb::KeyValue ours = Entry(":photinus", "anything"), other = Entry(":service", "anything");
  SpellNamespace(ours);
  SpellNamespace(other);
  EXPECT_EQ(ours.ns(), "photinus");
  EXPECT_EQ(other.ns(), ":service");
}

}  // namespace
}  // namespace photinus
