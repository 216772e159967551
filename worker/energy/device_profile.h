#ifndef PHOTINUS_WORKER_ENERGY_DEVICE_PROFILE_H_
#define PHOTINUS_WORKER_ENERGY_DEVICE_PROFILE_H_

#include <array>
#include <string>

#include "worker/energy/energy_meter.h"
#include "worker/graph/graph.h"

namespace photinus::energy {

// Where the time of an int8 network goes on one core. An op's latency is the sum of these:
//   kDispatch      a fixed time per op: its call, its loops' heads and tails
//   kProduct       conv2d and fully connected: multiply-accumulates of a matrix product whose depth (kernel x input
//                  channels) and columns (filters) are filled up to multiples of 8, as vector units take them
//   kRequantize    conv2d and fully connected: each value of the product becomes int8 and is stored
//   kDepthwise     depthwise with 9 or 25 taps, for which kernels are written by hand, per tap and value
//   kGenericTaps   any other depthwise (Kx1, 1xK, 4x4): per value, however many taps, as its loop's overhead rules
//   kElements      add, concatenation, softmax: per value of the output; average pool: per value of its windows
//   kTraffic       bytes of an op's tensors and weights beyond the cache, when they do not all fit into it
enum class Work { kDispatch, kProduct, kRequantize, kDepthwise, kGenericTaps, kElements, kTraffic };
constexpr int kWorkCount = 7;

// "dispatch", "product", "requantize", "depthwise", "generic_taps", "elements", "traffic".
const char* WorkName(Work work);

// Amounts of work: ops, and 10^6 multiply-accumulates, values or bytes; indexed by Work.
using WorkAmounts = std::array<double, kWorkCount>;

// A device as its costs per unit of work.
struct DeviceProfile {
  std::string name;
  std::string description;
  double cache_bytes = 0;                        // of the level that one core does not share
  std::array<double, kWorkCount> us_per_unit{};  // microseconds; indexed by Work
  std::array<double, kWorkCount> watts{};        // of the device while it does such work
  double energy_noise = 0;                       // relative standard deviation of one measurement
  double latency_noise = 0;
};

// The work of one op, and of all ops of a valid graph, for one inference.
WorkAmounts WorkOf(const graph::Graph& graph, const graph::Op& op, double cache_bytes);
WorkAmounts WorkOf(const graph::Graph& graph, double cache_bytes);

// What the work costs without noise: latency = sum of amount x time, energy = sum of amount x time x power.
Cost CostOf(const WorkAmounts& work, const DeviceProfile& profile);
Cost CostOf(const graph::Graph& graph, const DeviceProfile& profile);

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_DEVICE_PROFILE_H_
