// A training loop that anybody would write with libtorch alone: what ours is measured against.
#ifndef PHOTINUS_TESTS_BENCHMARKS_TRAINING_BARE_LOOP_H_
#define PHOTINUS_TESTS_BENCHMARKS_TRAINING_BARE_LOOP_H_

#include <torch/optim/adamw.h>
#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/benchmarks/training/moment.h"
#include "worker/graph/graph.h"

namespace photinus {

// The network of a graph by libtorch's own operators, its numbers in a tensor each, trained by torch::optim::AdamW on
// examples that lie on the device already. Nothing is loaded, changed, evaluated or stored.
class BareLoop {
 public:
  // clips: [count, 1, height, width], labels: [count]; both on `device`.
  BareLoop(const graph::Graph& graph, torch::Tensor clips, torch::Tensor labels, int batch_size,
           const torch::Device& device);

  // How long so many batches take. fake_quantize: weights per channel and activations per tensor are rounded by
  // libtorch's fake quantization, with moving ranges, as in quantization-aware training; else plain floats.
  Moment Train(int64_t batches, bool fake_quantize);

 private:
  struct Layer {
    torch::Tensor weight, bias, gamma, beta, mean, variance;
  };
  struct Range {
    float low = 0, high = 0;
    bool seen = false;
  };

  void MakeLayer(const graph::Op& op, Layer& layer);
  torch::Tensor Forward(const torch::Tensor& input, bool fake_quantize);
  torch::Tensor Weighted(const graph::Op& op, const Layer& layer, const torch::Tensor& input, bool fake_quantize) const;
  torch::Tensor Quantized(const torch::Tensor& values, Range& range) const;

  const graph::Graph graph_;
  const torch::Device device_;
  const torch::Tensor clips_;
  const torch::Tensor labels_;
  const int batch_size_;
  std::vector<Layer> layers_;
  std::vector<Range> ranges_;  // of tensors
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  int64_t next_ = 0;  // clip
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_TRAINING_BARE_LOOP_H_
