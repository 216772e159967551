#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_SEARCH_H_

#include "server/algorithms/firefly/swarm.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// EAGLE_STRATEGY and HYPER_FIREFLY, one of the two species of fireflies.
//
// A pool of fireflies, each at its best point so far, is filled with Sobol points. Then each in turn moves: towards
// brighter ones, away from dimmer ones, and at random, less after each move that failed; a worn-out fly is replaced.
// Hyper-Firefly adds the velocity of particle swarms, an age limit whose vacancies are filled as regularised evolution
// fills them, and an outer search for the hyper-parameters.
//
// The swarm lives in the state, so that each trial is learnt once. Which points were evaluated stands there only while
// they are few; later the trials themselves tell, so that the state does not grow with them. Without the state all
// finished trials are learnt in order of their ids, as trials that others suggested: the flies are then about as good,
// but not the same, and the outer search begins anew. Without an objective points are quasi-random.
//
// Where a request has a cache, the next one that goes on from this answer's state need not parse it.
class FireflySearch : public SuggestionAlgorithm {
 public:
  explicit FireflySearch(firefly::Species species) : species_(species) {}

  WantedTrials NewTo(std::string_view state) const override;
  bool UsesEncodedTrials(std::string_view state, int64_t first_trial_id) const override;
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;

 private:
  firefly::Species species_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_SEARCH_H_
