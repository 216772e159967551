#include "server/algorithms/firefly_search.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/space/flatten.h"
#include "server/algorithms/firefly/state.h"

namespace photinus {
namespace {

using firefly::SwarmState;

// A swarm, and the bytes that it was written as.
struct FireflyCache final : AlgorithmCache {
  FireflyCache(std::string s, SwarmState swarm_state) : bytes_of(std::move(s)), swarm(std::move(swarm_state)) {}
  size_t bytes() const override { return 4 * bytes_of.size(); }  // about: vectors take as much again, and more

  std::string bytes_of;
  SwarmState swarm;
};

// Of the request's bytes. What the cache has of them is taken out of it.
SwarmState StateOf(const SuggestRequest& request, int dimension) {
  auto* const cache = request.cache == nullptr ? nullptr : dynamic_cast<FireflyCache*>(request.cache->get());
  if (cache == nullptr || cache->bytes_of != request.state) {
    return firefly::Parse(request.state, dimension, request.objectives.size());
  }
  SwarmState state = std::move(cache->swarm);
  request.cache->reset();
  return state;
}

}  // namespace

WantedTrials FireflySearch::NewTo(std::string_view state) const { return firefly::NewTo(state); }

bool FireflySearch::UsesEncodedTrials(std::string_view state, int64_t) const { return firefly::NeedsAllTrials(state); }

absl::StatusOr<SuggestResult> FireflySearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  firefly::Swarm swarm(flatten, species_, request.noisy, request.seed, StateOf(request, flatten.dimension()));
  swarm.Learn(request);
  SuggestResult result;
  for (int i = 0; i < request.count; ++i) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("the firefly search was cancelled");
    std::optional<Suggestion> suggestion = swarm.Suggest(request.first_trial_id + i);
    if (!suggestion.has_value()) break;  // the space is used up
    result.suggestions.push_back(*std::move(suggestion));
  }
  result.state = firefly::Serialize(swarm.state(), flatten.dimension());
  if (request.cache != nullptr) {
    *request.cache = std::make_unique<FireflyCache>(result.state, firefly::AsParsed(std::move(swarm).state()));
  }
  return result;
}

}  // namespace photinus
