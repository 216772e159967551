#ifndef PHOTINUS_WORKER_GRAPH_BASELINES_H_
#define PHOTINUS_WORKER_GRAPH_BASELINES_H_

#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/architecture.h"

namespace photinus::graph {

// Published networks that searches are measured against, as "NAS for energy-efficient always-on audio models" (arXiv
// 2202.05397, table 2) uses them: 196 x 40 log-mel input, 9 classes. Other inputs and classes can be set in the result.
// clang-format off
//   mobilenet_v1      Howard et al. 2017: first stride (2, 1), a fully connected layer of 1000 in place of the last block
//   mobilenet_v2      Sandler et al. 2018: expansion 6 in all 17 blocks, first stride (2, 1), no stride at 160 filters
//   tc_resnet14_1.5   Choi et al. 2019, 14 layers, width 1.5
//   tc_resnet8_1.0    the same, 8 layers, width 1; both here with batch norm after the first convolution too
// clang-format on
// NotFound for another name; the message lists these.
Result<Architecture> Baseline(std::string_view name);

// The names, in alphabetical order.
std::vector<std::string> BaselineNames();

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_BASELINES_H_
