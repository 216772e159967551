#include "common/base/backoff.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(Backoff, DoublesWithJitterUpToItsLimit) {
  Backoff backoff(1, absl::Milliseconds(100), absl::Seconds(1));
  absl::Duration limit = absl::Milliseconds(100);
  for (int i = 0; i < 10; ++i) {
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, limit / 2);
    EXPECT_LE(wait, limit);
    limit = std::min(2 * limit, absl::Seconds(1));
  }
}

}  // namespace
}  // namespace photinus
