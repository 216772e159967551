#include "common/base/backoff.h"

#include <algorithm>
#include <random>

namespace photinus {

Backoff::Backoff(uint64_t seed, absl::Duration first, absl::Duration most)
    : first_(std::min(first, most)), most_(most), random_(seed), limit_(first_) {}

absl::Duration Backoff::Next() {
  const absl::Duration wait = limit_ * (0.5 + 0.5 * random_.Uniform());
  limit_ = std::min(2 * limit_, most_);
  return wait;
}

Backoff MakeBackoff(absl::Duration first, absl::Duration most) {
  std::random_device device;
  return Backoff((static_cast<uint64_t>(device()) << 32) | device(), first, most);
}

}  // namespace photinus
