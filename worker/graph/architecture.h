#ifndef PHOTINUS_WORKER_GRAPH_ARCHITECTURE_H_
#define PHOTINUS_WORKER_GRAPH_ARCHITECTURE_H_

#include <string>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/graph.h"

namespace photinus::graph {

// What a block computes. BN: batch norm; ReLU: the architecture's activation; dw: depthwise. Padding is SAME.
//
// Over time alone, on maps without frequency (width 1) except for the first two:
//   kTemporal   the map's frequency bins become channels (reshape to [1, time, 1, bins * channels]), then
//               conv Kx1 + BN + ReLU
//   kSpectral   conv K x 9 with stride `stride` over time and 5 over frequency + BN + ReLU, whose frequency bands then
//               become channels; it has filters / 4 filters in each band
//   kConv       conv Kx1 + BN + ReLU
//   kSeparable  dw Kx1 + BN + ReLU, conv 1x1 + BN + ReLU
//   kResidual   conv Kx1 + BN + ReLU, conv Kx1 stride 1 + BN, added to the block's input, ReLU. Where sizes change the
//               input passes through conv 1x1 + BN + ReLU of the same stride [TC-ResNet, Choi et al. 2019]
//
// Over time and frequency [arXiv 2202.05397, section 5]. On a map without frequency K x K is K x 1 and steps over
// frequency alone are left out, which makes the one-dimensional counterparts of these blocks:
//   kKxk                 conv KxK + BN + ReLU
//   kKx1Then1xk          conv Kx1 + BN + ReLU, conv 1xK + BN + ReLU; each strides along its own axis
//   kKx1Then1xkDepthwise dw Kx1 + BN + ReLU, dw 1xK + BN + ReLU, conv 1x1 + BN + ReLU; strides as above
//   kMobileNetV1         dw KxK + BN + ReLU, conv 1x1 + BN + ReLU [Howard et al. 2017]
//   kMobileNetV2         conv 1x1 to `expansion` times the input's channels + BN + ReLU, dw KxK + BN + ReLU, conv 1x1 +
//                        BN; added to the block's input where sizes are equal [Sandler et al. 2018]
//   kMobileNetV2AvgPool  the same without the addition, its last conv with max(8, filters - input's channels) filters,
//                        concatenated with the block's input averaged over 3x3 with the block's stride
//   kIdentity            nothing
enum class BlockType {
  kTemporal,
  kSpectral,
  kConv,
  kSeparable,
  kResidual,
  kKxk,
  kKx1Then1xk,
  kKx1Then1xkDepthwise,
  kMobileNetV1,
  kMobileNetV2,
  kMobileNetV2AvgPool,
  kIdentity,
};

struct Block {
  BlockType type = BlockType::kConv;
  int filters = 0;
  int kernel = 1;
  int stride = 1;            // over time
  int frequency_stride = 1;  // blocks over time and frequency only
  int expansion = 1;         // MobileNetV2's blocks only
  std::string name;          // its ops are called name.conv and so on; empty: block0, block1, ... by position

  friend bool operator==(const Block&, const Block&) = default;
};

// A network in the words that people and searches use: what net.json and a trial's `architecture` hold. After the
// blocks come global average, fully connected to `hidden` units + ReLU if there are any, fully connected to `classes`
// logits, softmax.
struct Architecture {
  std::string name;
  int height = 49;   // frames of the input
  int width = 40;    // frequency bins
  int channels = 1;  // of the input
  std::vector<Block> blocks;
  Activation activation = Activation::kRelu;  // of the blocks: kRelu or kRelu6
  int hidden = 0;
  int classes = 12;

  friend bool operator==(const Architecture&, const Architecture&) = default;
};

// The types by their names in JSON: "temporal", "spectral", "conv", "separable", "residual", "kxk", "kx1_1xk",
// "kx1_1xk_dw", "mobilenet_v1", "mobilenet_v2", "mobilenet_v2_avg_pool", "identity".
const char* BlockTypeName(BlockType type);
const std::vector<BlockType>& AllBlockTypes();

// Whether blocks of this type run over frequency too, where their input has it.
bool RunsOverFrequency(BlockType type);

// Whether `expansion` counts.
bool Expands(BlockType type);

// The network of an architecture. InvalidArgument, naming the block, when it cannot be built: a block over time alone
// on a map that still has frequency, filters, kernel, stride or expansion out of bounds.
Result<Graph> BuildGraph(const Architecture& architecture);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_ARCHITECTURE_H_
