#include "server/algorithms/firefly/fly.h"

#include <algorithm>

namespace photinus::firefly {

size_t FindFly(const std::vector<Fly>& flies, int64_t id) {
  const auto found =
      std::lower_bound(flies.begin(), flies.end(), id, [](const Fly& fly, int64_t wanted) { return fly.id < wanted; });
  const bool known = found != flies.end() && found->id == id;
  return known ? static_cast<size_t>(found - flies.begin()) : flies.size();
}

size_t NextFly(const std::vector<Fly>& flies, int64_t id) {
  const auto next =
      std::upper_bound(flies.begin(), flies.end(), id, [](int64_t last, const Fly& fly) { return last < fly.id; });
  return next == flies.end() ? 0 : static_cast<size_t>(next - flies.begin());
}

size_t Brightest(const std::vector<Fly>& flies, const Brightness& brightness) {
  size_t brightest = 0;
  for (size_t i = 1; i < flies.size(); ++i) {
    if (brightness(flies[i].goals) > brightness(flies[brightest].goals)) brightest = i;
  }
  return brightest;
}

std::vector<size_t> OthersInRandomOrder(size_t count, size_t except, Random& random) {
  std::vector<size_t> others;
  others.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    if (i != except) others.push_back(i);
  }
  random.Shuffle(others);
  return others;
}

}  // namespace photinus::firefly
