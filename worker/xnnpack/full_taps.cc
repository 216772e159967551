#include "worker/xnnpack/full_taps.h"

#include <algorithm>
#include <cstddef>

namespace photinus::xnnpack {
namespace {

struct Size {
  int height;
  int width;
};
// With 9 taps, then with 25.
constexpr Size kFastSizes[] = {{3, 3}, {9, 1}, {1, 9}, {5, 5}, {25, 1}, {1, 25}};

}  // namespace

DepthwiseKernel WithFullTaps(const DepthwiseKernel& kernel) {
  const Size* const fast = std::find_if(std::begin(kFastSizes), std::end(kFastSizes), [&](const Size& size) {
    return size.height >= kernel.height && size.width >= kernel.width;
  });
  if (fast == std::end(kFastSizes)) return kernel;
  const std::size_t channels = kernel.weights.size() / static_cast<std::size_t>(kernel.height * kernel.width);
  const std::size_t row = static_cast<std::size_t>(kernel.width) * channels;
  const std::size_t full_row = static_cast<std::size_t>(fast->width) * channels;
  DepthwiseKernel full = {fast->height, fast->width,
                          std::vector<std::int8_t>(static_cast<std::size_t>(fast->height) * full_row, 0)};
  for (std::size_t y = 0; y < static_cast<std::size_t>(kernel.height); ++y) {
    std::copy_n(kernel.weights.data() + y * row, row, full.weights.data() + y * full_row);
  }
  return full;
}

}  // namespace photinus::xnnpack
