#ifndef PHOTINUS_WORKER_GRAPH_ARCHITECTURE_H_
#define PHOTINUS_WORKER_GRAPH_ARCHITECTURE_H_

#include <string>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/graph.h"

namespace photinus::graph {

// What a block computes. Kernels and strides run over time alone, except in kSpectral. BN: batch norm.
//   kTemporal   the map's frequency bins become channels (reshape to [1, time, 1, bins * channels]), then
//               conv Kx1 + BN + ReLU
//   kSpectral   conv K x 9 with stride `stride` over time and 5 over frequency + BN + ReLU, whose frequency bands then
//               become channels; it has filters / 4 filters in each band
//   kConv       conv Kx1 + BN + ReLU
//   kSeparable  depthwise Kx1 + BN + ReLU, conv 1x1 + BN + ReLU
//   kResidual   conv Kx1 + BN + ReLU, conv Kx1 stride 1 + BN, added to the block's input, ReLU. Where sizes change the
//               input passes through conv 1x1 + BN + ReLU of the same stride [TC-ResNet, Choi et al. 2019]
enum class BlockType { kTemporal, kSpectral, kConv, kSeparable, kResidual };

struct Block {
  BlockType type = BlockType::kConv;
  int filters = 0;
  int kernel = 1;
  int stride = 1;

  friend bool operator==(const Block&, const Block&) = default;
};

// A network in the words that people and searches use: what net.json and a trial's `architecture` hold. After the
// blocks come global average, fully connected to `classes` logits, softmax.
struct Architecture {
  std::string name;
  int height = 49;   // frames of the input
  int width = 40;    // frequency bins
  int channels = 1;  // of the input
  std::vector<Block> blocks;
  int classes = 12;

  friend bool operator==(const Architecture&, const Architecture&) = default;
};

// "temporal", "spectral", "conv", "separable", "residual".
const char* BlockTypeName(BlockType type);

// The network of an architecture. InvalidArgument, naming the block, when it cannot be built: a temporal block (or one
// after frequency is gone) on a map that still has frequency, filters, kernel or stride out of bounds.
Result<Graph> BuildGraph(const Architecture& architecture);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_ARCHITECTURE_H_
