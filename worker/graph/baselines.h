#ifndef PHOTINUS_WORKER_GRAPH_BASELINES_H_
#define PHOTINUS_WORKER_GRAPH_BASELINES_H_

#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/graph.h"

namespace photinus::graph {

// Published networks that searches are measured against, as "NAS for energy-efficient always-on audio models" (arXiv
// 2202.05397, table 2) uses them: 196 x 40 log-mel input, 9 classes.
// clang-format off
//   mobilenet-v1     Howard et al. 2017: first stride (2, 1), a fully connected layer of 1000 in place of the last block
//   mobilenet-v2     Sandler et al. 2018: expansion 6 in all 17 blocks, first stride (2, 1), no stride at 160 filters
//   tc-resnet8       Choi et al. 2019, width 1; here with batch norm after the first convolution too
//   tc-resnet14-1.5  the same, 14 layers, width 1.5
// clang-format on
// NotFound for another name; the message lists these.
Result<Graph> Baseline(std::string_view name);

// The names, in alphabetical order.
std::vector<std::string> BaselineNames();

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_BASELINES_H_
