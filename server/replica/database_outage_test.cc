#include "server/replica/database_outage.h"

#include <gtest/gtest.h>

#include "tests/support/captured_log.h"
#include "tests/support/fake_clock.h"

namespace photinus {
namespace {

TEST(DatabaseOutage, IsALineAtTheBeginningOneAMinuteAndOneAtTheEnd) {
  const CapturedLog log;
  FakeClock clock;
  DatabaseOutage outage(clock);
  outage.End();
  EXPECT_EQ(log.text(), "") << "it was never away";
  for (int second = 0; second < 130; ++second) {
    outage.Note("connection refused");
    outage.Note("no answer");
    clock.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(log.Count("[error] the database is away: connection refused"), 1) << log.text();
  EXPECT_EQ(log.Count("[error] the database has been away for 1m: connection refused"), 1) << log.text();
  EXPECT_EQ(log.Count("[error] the database has been away for 2m: connection refused"), 1) << log.text();
  for (int i = 0; i < 2; ++i) outage.End();
  EXPECT_EQ(log.Count("[info] the database is back after 2m10s"), 1) << log.text();
  EXPECT_EQ(log.Count("\n"), 4) << log.text();
  outage.Note("again");
  EXPECT_EQ(log.Count("the database is away: again"), 1) << log.text();
}

}  // namespace
}  // namespace photinus
