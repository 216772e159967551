#ifndef PHOTINUS_WORKER_TRAIN_QUANTIZE_NETWORK_H_
#define PHOTINUS_WORKER_TRAIN_QUANTIZE_NETWORK_H_

#include "worker/graph/quantized_model.h"
#include "worker/train/network.h"

namespace photinus::train {

// The deployed network: the integers that fake quantization has trained. Batch norm folds without another rounding,
// since weights have one scale per channel: where q and s are integers and scale of w, sign(g) q and |g| s are those of
// w'. Every activation must have been observed. InvalidArgument: "diverged: ..." when a number is not finite.
Result<graph::QuantizedModel> QuantizeNetwork(const Network& network);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_QUANTIZE_NETWORK_H_
