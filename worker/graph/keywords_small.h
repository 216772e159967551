#ifndef PHOTINUS_WORKER_GRAPH_KEYWORDS_SMALL_H_
#define PHOTINUS_WORKER_GRAPH_KEYWORDS_SMALL_H_

#include "common/spaces/space.h"
#include "worker/graph/architecture.h"

namespace photinus::graph {

// The architecture of a point of the space keywords-small (common/spaces/keywords_small.h): the stem, then block1 to
// block5 with strides 2, 1, 2, 1, 2 over time (49 -> 25 -> 25 -> 13 -> 13 -> 7); identity blocks are left out.
// InvalidArgument for a missing parameter or a value of the wrong type.
Result<Architecture> KeywordsSmall(const spaces::ParameterValues& values);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_KEYWORDS_SMALL_H_
