#ifndef PHOTINUS_WORKER_GRAPH_GRAPH_BUILDER_H_
#define PHOTINUS_WORKER_GRAPH_GRAPH_BUILDER_H_

#include <optional>
#include <string>
#include <vector>

#include "worker/graph/graph.h"

namespace photinus::graph {

// How a convolution or pool moves over its input. Kernels and strides: height (time), width (frequency).
struct Window {
  int kernel_h = 1;
  int kernel_w = 1;
  int stride_h = 1;
  int stride_w = 1;
  PaddingMode padding = PaddingMode::kSame;
};

// Builds a graph op by op with inferred sizes. Each call takes and returns indices of tensors, and names its op, which
// also names its output tensor. The first fault is kept, later calls then do nothing, and Build returns it.
// One object per thread.
class GraphBuilder {
 public:
  // The input tensor gets index 0 and the name "input".
  GraphBuilder(std::string name, Dims input_dims);

  int Input() const { return 0; }
  const Dims& DimsOf(int tensor) const { return graph_.tensors[tensor].dims; }

  // With batch norm, without bias in training.
  int Conv(const std::string& name, int input, int filters, const Window& window, Activation activation);
  int Depthwise(const std::string& name, int input, const Window& window, Activation activation);
  // With bias, without batch norm.
  int FullyConnected(const std::string& name, int input, int units, Activation activation);
  int Add(const std::string& name, int left, int right, Activation activation);
  int Concatenate(const std::string& name, const std::vector<int>& inputs);
  int AveragePool(const std::string& name, int input, const Window& window);
  int Reshape(const std::string& name, int input, const Dims& dims);
  int Softmax(const std::string& name, int input);

  // The average over height and width, as [1, channels]: an AVERAGE_POOL of the map's size and a RESHAPE. Unlike MEAN,
  // whose rounding differs between runtimes.
  int GlobalAverage(const std::string& name, int input);

  // The graph that ends in tensor `output`, validated.
  Result<Graph> Build(int output) const;

 private:
  int Append(Op op, const Dims& reshaped = {});

  Graph graph_;
  std::optional<Error> error_;
};

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_GRAPH_BUILDER_H_
