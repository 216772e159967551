#include "common/study_document/stop_entry.h"

#include <gtest/gtest.h>

namespace photinus {
namespace {

TEST(StopEntry, SaysWhatWasDecided) {
  v1::StopDecision decision;
  EXPECT_FALSE(StopEntry(decision).has_value()) << "nothing was";
  decision.set_outcome(v1::StopDecision::STOPPED);
  decision.set_reason("no \"chance\"");
  decision.set_step(7);
  decision.set_predicted_final(0.0);
  pb::Trial trial;
  EXPECT_FALSE(StopDecisionOf(trial).has_value());
  trial.add_metadata()->set_key("stop");  // of nobody's namespace
  *trial.add_metadata() = *StopEntry(decision);
  EXPECT_EQ(trial.metadata(1).ns(), "photinus");
  EXPECT_EQ(trial.metadata(1).value(),
            R"({"outcome":"STOPPED","reason":"no \"chance\"","step":7,"predicted_final":0})");
  EXPECT_EQ(StopDecisionOf(trial)->SerializeAsString(), decision.SerializeAsString());
}

TEST(StopEntry, WhatIsNoDecisionIsPassedOver) {
  pb::Trial trial;
  pb::KeyValue& entry = *trial.add_metadata();
  entry.set_ns(":photinus");
  entry.set_key("stop");
  entry.set_value("now");
  EXPECT_FALSE(StopDecisionOf(trial).has_value());
}

}  // namespace
}  // namespace photinus
