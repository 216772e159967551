#ifndef PHOTINUS_WORKER_GRAPH_BLOCKS_H_
#define PHOTINUS_WORKER_GRAPH_BLOCKS_H_

#include <string>

#include "worker/graph/architecture.h"
#include "worker/graph/graph_builder.h"

namespace photinus::graph {

// Adds the ops of one block, named after `name`, to what reads tensor `input`; `activation` stands for the ReLU of
// BlockType. Returns the tensor that the block ends in. InvalidArgument, naming the block, for parameters that its type
// does not have or that are out of bounds; faults of single ops are kept by the builder.
Result<int> AddBlock(const std::string& name, const Block& block, Activation activation, int input,
                     GraphBuilder& builder);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_BLOCKS_H_
