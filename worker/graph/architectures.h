#ifndef PHOTINUS_WORKER_GRAPH_ARCHITECTURES_H_
#define PHOTINUS_WORKER_GRAPH_ARCHITECTURES_H_

#include <string_view>

#include "common/spaces/space.h"
#include "worker/graph/architecture.h"

namespace photinus::graph {

// The space of that name, for as long as the program runs. NotFound for an unknown one; the message lists the known
// ones.
Result<const spaces::Space*> NamedSpace(std::string_view name);

// The architecture that a point of a named space stands for. Parameters that the space does not know (those that a
// study adds) are passed over. NotFound for an unknown space (the message lists the known ones); InvalidArgument for a
// missing parameter or a value of the wrong type. Whether it can be built, BuildGraph says; every point of the space
// can.
Result<Architecture> ArchitectureOf(std::string_view space, const spaces::ParameterValues& values);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_ARCHITECTURES_H_
