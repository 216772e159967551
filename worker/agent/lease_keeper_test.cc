// On a clock that only the test moves, and a server that answers as told.
#include "worker/agent/lease_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ManualClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::UnixEpoch() + now; }
  absl::Duration Monotonic() const override { return now; }
  absl::Duration now = absl::Seconds(1000);
};

constexpr absl::Duration kTtl = absl::Seconds(60);

class LeaseKeeperTest : public ::testing::Test {
 protected:
  // Moves the clock to `end`, doing whatever is due on the way.
  void RunUntil(absl::Duration end) {
    for (;;) {
      const absl::Duration idle = keeper_.Step();
      if (clock_.now + idle > end) break;
      clock_.now += idle;
    }
    clock_.now = std::max(clock_.now, end);
    keeper_.Step();
  }
  int64_t AddLease(const std::string& trial, absl::Duration ttl = kTtl) {
    return keeper_.Add(trial, "token of " + trial, ttl, [this](LeaseEvent event) {
      events_.push_back(event);
      last_event_ = clock_.now;
    });
  }
  absl::StatusOr<v1::HeartbeatResponse> Answer(const v1::HeartbeatRequest& request, absl::Duration timeout) {
    beats_.push_back(clock_.now - start_);
    last_request_ = request;
    last_timeout_ = timeout;
    if (beat_takes_ > absl::ZeroDuration()) clock_.now += std::min(beat_takes_, timeout);
    if (away_) return absl::UnavailableError("away");
    v1::HeartbeatResponse response;
    for (const auto& lease : request.leases()) {
      auto& answer = *response.add_answers();
      answer.set_trial(lease.trial());
      answer.set_verdict(verdict_);
    }
    return response;
  }

  ManualClock clock_;
  const absl::Duration start_ = clock_.now;
  bool away_ = false;
  absl::Duration beat_takes_ = absl::ZeroDuration();
  v1::HeartbeatResponse::Verdict verdict_ = v1::HeartbeatResponse::OK;
  std::vector<absl::Duration> beats_;  // since the start
  v1::HeartbeatRequest last_request_;
  absl::Duration last_timeout_;
  std::vector<LeaseEvent> events_;
  absl::Duration last_event_;
  LeaseKeeper keeper_{
      clock_, 1, LeaseKeeper::Identity{"w", "incarnation", "0.1", 2},
      [this](const v1::HeartbeatRequest& request, absl::Duration timeout) { return Answer(request, timeout); }};
};

TEST_F(LeaseKeeperTest, BeatsWhileIdleSoThatTheServerKnowsTheWorker) {
  RunUntil(start_ + absl::Minutes(5));
  EXPECT_GE(beats_.size(), 5 * 60 / 18u);
  EXPECT_LE(beats_.size(), 5 * 60 / 12u + 1);
  EXPECT_EQ(beats_.front(), absl::ZeroDuration());
  EXPECT_EQ(last_request_.worker(), "w");
  EXPECT_EQ(last_request_.incarnation(), "incarnation");
  EXPECT_EQ(last_request_.slots(), 2);
  EXPECT_EQ(last_request_.version(), "0.1");
}

TEST_F(LeaseKeeperTest, BeatsEveryQuarterOfTheShortestTimeToLiveWithJitter) {
  AddLease("t1");
  AddLease("t2", absl::Seconds(20));
  RunUntil(start_ + absl::Minutes(5));
  ASSERT_GT(beats_.size(), 10u);
  for (size_t i = 1; i < beats_.size(); ++i) {
    const absl::Duration gap = beats_[i] - beats_[i - 1];
    EXPECT_GE(gap, absl::Seconds(4));
    EXPECT_LE(gap, absl::Seconds(6));
  }
  EXPECT_NE(beats_[2] - beats_[1], beats_[3] - beats_[2]);
  EXPECT_EQ(last_request_.leases_size(), 2);
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(LeaseKeeperTest, ANewLeaseIsRenewedWithinAQuarterOfItsTime) {
  RunUntil(start_ + absl::Seconds(1));
  AddLease("t", absl::Seconds(2));
  RunUntil(start_ + absl::Seconds(1.5));
  EXPECT_EQ(last_request_.leases_size(), 1);
  EXPECT_EQ(last_request_.leases(0).lease_token(), "token of t");
}

TEST_F(LeaseKeeperTest, RepeatsALostBeatThreeTimesThenWaits) {
  AddLease("t");
  RunUntil(start_);
  away_ = true;
  beats_.clear();
  RunUntil(start_ + absl::Seconds(44));
  ASSERT_GE(beats_.size(), 8u);
  for (const int i : {1, 2, 3, 5, 6, 7}) EXPECT_EQ(beats_[i] - beats_[i - 1], absl::Seconds(2)) << i;
  EXPECT_GE(beats_[4] - beats_[0], absl::Seconds(12)) << "repeats do not put the next beat off";
  EXPECT_LE(beats_[4] - beats_[0], absl::Seconds(18));
}

TEST_F(LeaseKeeperTest, RepeatsWithoutEndInTheLastQuarterOfALease) {
  AddLease("t");
  RunUntil(start_);
  away_ = true;
  RunUntil(start_ + absl::Seconds(45) + absl::Seconds(2) * 3);
  beats_.clear();
  RunUntil(start_ + kTtl - absl::Seconds(1));
  ASSERT_GE(beats_.size(), 3u);
  for (size_t i = 1; i < beats_.size(); ++i) EXPECT_EQ(beats_[i] - beats_[i - 1], absl::Seconds(2)) << i;
}

TEST_F(LeaseKeeperTest, FencesExactlyOneTimeToLiveAfterTheLastAcknowledgedBeatWasSent) {
  AddLease("t");
  RunUntil(start_);
  away_ = true;  // the beat at the start was the last
  RunUntil(start_ + kTtl - absl::Nanoseconds(1));
  EXPECT_THAT(events_, IsEmpty());
  RunUntil(start_ + kTtl);
  EXPECT_THAT(events_, ElementsAre(LeaseEvent::kFenced));
  away_ = false;
  RunUntil(start_ + 10 * kTtl);
  EXPECT_THAT(events_, ElementsAre(LeaseEvent::kFenced));  // for good
  EXPECT_EQ(last_request_.leases_size(), 0);
}

TEST_F(LeaseKeeperTest, AHangingServerDoesNotDelayTheFence) {
  AddLease("t");
  RunUntil(start_);
  away_ = true;
  beat_takes_ = absl::Hours(1);  // each call uses its whole timeout
  RunUntil(start_ + kTtl);
  EXPECT_THAT(events_, ElementsAre(LeaseEvent::kFenced));
  EXPECT_GE(last_event_, start_ + kTtl);
  EXPECT_LE(last_event_, start_ + kTtl + absl::Milliseconds(50));
}

TEST_F(LeaseKeeperTest, CountsFromTheSendingOfTheBeatNotFromItsAnswer) {
  beat_takes_ = absl::Seconds(10);
  AddLease("t");
  RunUntil(start_);  // acknowledged 10 s later
  away_ = true;
  beat_takes_ = absl::ZeroDuration();
  RunUntil(start_ + kTtl);
  EXPECT_THAT(events_, ElementsAre(LeaseEvent::kFenced));
}

TEST_F(LeaseKeeperTest, PassesTheServersVerdictsOn) {
  AddLease("t");
  verdict_ = v1::HeartbeatResponse::STOP;
  RunUntil(start_);
  EXPECT_THAT(events_, ElementsAre(LeaseEvent::kStop));
  verdict_ = v1::HeartbeatResponse::LOST;
  RunUntil(start_ + absl::Seconds(20));
  EXPECT_THAT(events_, ElementsAre(LeaseEvent::kStop, LeaseEvent::kLost));
  RunUntil(start_ + absl::Minutes(10));
  EXPECT_EQ(events_.size(), 2u);
  AddLease("t");  // the same trial again, under a new lease
  verdict_ = v1::HeartbeatResponse::STUDY_CLOSED;
  RunUntil(start_ + absl::Minutes(11));
  EXPECT_EQ(events_.back(), LeaseEvent::kStudyClosed);
}

TEST_F(LeaseKeeperTest, AnswersBelongToTheLeasesInTheirOrder) {
  AddLease("t");
  AddLease("t");  // the same trial under another token
  RunUntil(start_ + 3 * kTtl);
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(LeaseKeeperTest, ARemovedLeaseHearsNothingMore) {
  const int64_t handle = AddLease("t");
  verdict_ = v1::HeartbeatResponse::LOST;
  keeper_.Remove(handle);
  RunUntil(start_ + 2 * kTtl);
  EXPECT_THAT(events_, IsEmpty());
}

TEST(LeaseKeeper, StopsItsThreadAtOnce) {
  SystemClock clock;
  std::promise<void> beaten;
  absl::Duration ending;
  {
    LeaseKeeper keeper(clock, 1, {}, [&](const auto&, absl::Duration) -> absl::StatusOr<v1::HeartbeatResponse> {
      beaten.set_value();  // once: the next beat is due in 12 s at least
      return v1::HeartbeatResponse();
    });
    keeper.Start();
    beaten.get_future().wait();
    ending = clock.Monotonic();
  }
  EXPECT_LT(clock.Monotonic() - ending, absl::Seconds(10));
}

}  // namespace
}  // namespace photinus
