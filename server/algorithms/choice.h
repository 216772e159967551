#ifndef PHOTINUS_SERVER_ALGORITHMS_CHOICE_H_
#define PHOTINUS_SERVER_ALGORITHMS_CHOICE_H_

#include "common/space/flatten.h"
#include "server/algorithms/explanation.h"

namespace photinus {

// A point that an algorithm chose, and why.
struct Choice {
  UnitPoint unit;  // snapped
  Explanation explanation;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_CHOICE_H_
