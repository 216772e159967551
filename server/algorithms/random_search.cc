#include "server/algorithms/random_search.h"

#include <utility>

#include "common/base/random.h"
#include "common/space/flatten.h"

namespace photinus {

absl::StatusOr<SuggestResult> RandomSearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  SuggestResult result;
  for (int i = 0; i < request.count; ++i) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("random search was cancelled");
    Random random(MixSeed(request.seed, static_cast<uint64_t>(request.first_trial_id + i)));
    UnitPoint unit(flatten.dimension());
    for (double& coordinate : unit) coordinate = random.Uniform();
    result.suggestions.push_back({flatten.ToPoint(unit), {kRandomArm, "random point"}});
  }
  return result;
}

}  // namespace photinus
