#include "server/algorithms/firefly_search.h"

#include <optional>
#include <utility>

#include "common/space/flatten.h"
#include "server/algorithms/firefly/state.h"

namespace photinus {

WantedTrials FireflySearch::NewTo(std::string_view state) const { return firefly::NewTo(state); }

bool FireflySearch::UsesEncodedTrials(std::string_view state, int64_t) const { return firefly::NeedsAllTrials(state); }

absl::StatusOr<SuggestResult> FireflySearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  firefly::Swarm swarm(flatten, species_, request.noisy, request.seed,
                       firefly::Parse(request.state, flatten.dimension(), request.objectives.size()));
  swarm.Learn(request);
  SuggestResult result;
  for (int i = 0; i < request.count; ++i) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("the firefly search was cancelled");
    std::optional<Suggestion> suggestion = swarm.Suggest(request.first_trial_id + i);
    if (!suggestion.has_value()) break;  // the space is used up
    result.suggestions.push_back(*std::move(suggestion));
  }
  result.state = firefly::Serialize(swarm.state(), flatten.dimension());
  return result;
}

}  // namespace photinus
