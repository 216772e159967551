#ifndef PHOTINUS_WORKER_TRAIN_NETWORK_H_
#define PHOTINUS_WORKER_TRAIN_NETWORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "worker/graph/graph.h"
#include "worker/train/fake_quant.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {

inline constexpr double kBatchNormEpsilon = 1e-3;

// What one op learns. Undefined tensors: the op has none.
struct Layer {
  Tensor weight;    // conv [filters, in, kh, kw], depthwise [channels, 1, kh, kw], fully connected [filters, in]
  Tensor bias;      // [filters], without batch norm
  Tensor gamma;     // [filters], with batch norm
  Tensor beta;      // [filters]
  Tensor mean;      // [filters], running statistics: not learned by gradient
  Tensor variance;  // [filters]
};

// How a forward pass runs.
struct ForwardMode {
  bool batch_statistics = false;  // batch norm by the batch, updating its running statistics; else by the latter
  bool fake_quantize = false;     // weights and activations rounded as in int8
  bool observe = false;           // update the ranges of activations
};

// A network that libtorch can train: walks the ops of a graph. Not thread-safe.
class Network {
 public:
  // Weights drawn from `seed` (He et al. 2015: normal, variance 2 / fan-in), the same on every device and version of
  // libtorch. The graph must be valid, and its last op a softmax, which is left out of training.
  Network(graph::Graph graph, uint64_t seed, const torch::Device& device);

  const graph::Graph& graph() const { return graph_; }
  const torch::Device& device() const { return device_; }
  std::vector<Layer>& layers() { return layers_; }
  const std::vector<Layer>& layers() const { return layers_; }
  // One per tensor of the graph. Used are those of the input and of ops that make new values: weighted ones and adds.
  std::vector<Range>& ranges() { return ranges_; }
  const std::vector<Range>& ranges() const { return ranges_; }

  // The int8 quantization of a tensor by its index: covers the ranges of all tensors that must share it
  // (graph::QuantizationSources).
  graph::Quantization QuantizationOf(int tensor) const;

  // All learned numbers in one row, of which the layers' tensors are views, and their gradients likewise: an optimizer
  // step is a few operations on long vectors.
  Tensor& values() { return values_; }
  Tensor& gradients() { return gradients_; }
  const Tensor& values() const { return values_; }
  // The running statistics of batch norm, op after op: no part of the above.
  std::vector<Tensor> Statistics() const;
  // 1 where weight decay applies (weights), 0 elsewhere.
  const Tensor& decayed() const { return decayed_; }

  // input: [batch, height, width, channels]. Returns the logits, [batch, classes].
  Tensor Forward(const Tensor& input, const ForwardMode& mode);

 private:
  void MakeParameters(uint64_t seed);
  Tensor RunOp(const graph::Op& op, const Layer& layer, const std::vector<Tensor>& tensors, const ForwardMode& mode);
  Tensor RunWeighted(const graph::Op& op, const Layer& layer, const Tensor& input, const ForwardMode& mode);
  Tensor Finish(int tensor, const Tensor& values, bool new_values, const ForwardMode& mode);

  const graph::Graph graph_;
  const torch::Device device_;
  const std::vector<int> sources_;  // QuantizationSources
  std::vector<Layer> layers_;       // one per op
  std::vector<Range> ranges_;
  Tensor values_;
  Tensor gradients_;
  Tensor decayed_;
};

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_NETWORK_H_
