#include "tests/conformance/history/worker_model.h"

namespace photinus {

bool WorkerModel::Apply(const ObjectCall& call, State& state) const {
  const Operation& o = *call.operation;
  if (state.superseded.count(o.incarnation) > 0) return o.outcome == Outcome::kSuperseded;
  if (o.outcome == Outcome::kSuperseded) return false;
  if (!state.incarnation.empty() && state.incarnation != o.incarnation) state.superseded.insert(state.incarnation);
  state.incarnation = o.incarnation;
  return true;
}

}  // namespace photinus
