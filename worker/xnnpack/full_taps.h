#ifndef PHOTINUS_WORKER_XNNPACK_FULL_TAPS_H_
#define PHOTINUS_WORKER_XNNPACK_FULL_TAPS_H_

#include <cstdint>
#include <vector>

namespace photinus::xnnpack {

// A depthwise kernel: weights [height][width][channels].
struct DepthwiseKernel {
  int height = 1;
  int width = 1;
  std::vector<std::int8_t> weights;
};

// The same kernel with zero taps behind its last row and column, so that it has 9 or 25 taps, for which XNNPACK's int8
// kernels are written by hand (any other count is 10 to 20 times slower): Kx1 becomes 9x1, 1xK 1x9, 4x4 5x5, the
// smallest that holds it. One that none holds stays as it is. Outputs are the same if the input is padded by as many
// rows and columns more at its end.
DepthwiseKernel WithFullTaps(const DepthwiseKernel& kernel);

}  // namespace photinus::xnnpack

#endif  // PHOTINUS_WORKER_XNNPACK_FULL_TAPS_H_
