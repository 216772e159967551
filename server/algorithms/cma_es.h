#ifndef PHOTINUS_SERVER_ALGORITHMS_CMA_ES_H_
#define PHOTINUS_SERVER_ALGORITHMS_CMA_ES_H_

#include <cstdint>
#include <string_view>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// CMA_ES: covariance matrix adaptation [Hansen 2016] in unit coordinates, with restarts that double the population
// [IPOP, Auger & Hansen 2005], for one objective and numeric parameters without conditions; integers and discrete
// values by a margin [Hamano et al. 2022].
//
// It begins at the defaults (the centre) with a deviation of 0.3. Whenever as many finished trials as a generation has,
// lambda = 4 + floor(3 ln D) at first, have not had their effect yet, they are one generation, whoever proposed them
// and in whatever order they finish: so any number of trials may run at a time. Failed trials are the worst of their
// generation. Of a discrete parameter only the level is known; where in its cell the trial was is drawn again.
//
// The state is where the search stands. Without it the trials are gone through again in the order of their ids.
// CmaEs::kMaxParameters bounds the cost of a generation, which grows with their third power.
class CmaEs final : public SuggestionAlgorithm {
 public:
  static constexpr int kMaxParameters = 200;

  bool UsesEncodedTrials(std::string_view, int64_t) const override { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_CMA_ES_H_
