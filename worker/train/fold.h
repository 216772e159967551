#ifndef PHOTINUS_WORKER_TRAIN_FOLD_H_
#define PHOTINUS_WORKER_TRAIN_FOLD_H_

#include "worker/graph/graph.h"
#include "worker/train/network.h"

namespace photinus::train {

// A weighted op with its batch norm folded into weight and bias, real numbers:
//   w' = g w,  b' = beta - mean g,  g = gamma / sqrt(variance + epsilon)
// Without batch norm g = 1 and b' is the bias. No gradients.
struct FoldedLayer {
  Tensor factors;  // g, [filters]
  Tensor weight;   // sizes as in Layer
  Tensor bias;     // [filters]
};

FoldedLayer Fold(const graph::Op& op, const Layer& layer);

// What the integers of the folded weights are multiples of: [filters], fully connected: [1].
// input_scale: of the op's input activation; it times these are the units in which the bias is an int32.
Tensor FoldedScales(const graph::Op& op, const Layer& layer, const FoldedLayer& folded, float input_scale);

// What the rounding of the bias to those units adds to it: [filters].
Tensor BiasRounding(const graph::Op& op, const Layer& layer, float input_scale);

// Whether each filter has a scale of its own, or all one.
bool HasScalePerChannel(const graph::Op& op);

// channels: [filters], as sizes that broadcast with weight.
Tensor PerFilter(const Tensor& channels, const Tensor& weight);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_FOLD_H_
