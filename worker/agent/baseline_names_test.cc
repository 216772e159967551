// The command line cannot ask the worker's rooms which networks there are.
#include "common/study_document/known_names.h"
#include "gtest/gtest.h"
#include "worker/graph/baselines.h"

namespace photinus {
namespace {

TEST(Baselines, AreAllKnownToClients) {
  const auto names = graph::BaselineNames();
  ASSERT_GT(names.size(), 1u);
  for (const std::string& name : names) EXPECT_TRUE(CheckBaseline(name, "").ok()) << name;
  EXPECT_FALSE(CheckBaseline("mobilenet_v3", "").ok());
}

}  // namespace
}  // namespace photinus
