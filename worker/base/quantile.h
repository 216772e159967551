#ifndef PHOTINUS_WORKER_BASE_QUANTILE_H_
#define PHOTINUS_WORKER_BASE_QUANTILE_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace photinus {

// The smallest of `values` (not empty, in any order) that at least a share (0 to 1) of them do not exceed.
template <typename Value>
Value Quantile(std::vector<Value> values, double share) {
  constexpr double kRounding = 1e-9;  // of the product, such as 0.95 * 40, which must not become rank 39
  const double rank = std::ceil(share * static_cast<double>(values.size()) - kRounding);
  const auto position = std::clamp(rank - 1, 0.0, static_cast<double>(values.size() - 1));
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(position);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_QUANTILE_H_
