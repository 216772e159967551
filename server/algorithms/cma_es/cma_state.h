// Where a search by CMA-ES stands.
#ifndef PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_STATE_H_
#define PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_STATE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/algorithms/cma_es/cma_distribution.h"
#include "server/algorithms/cma_es/trial_set.h"

namespace photinus {

struct CmaState {
  int lambda = 0;
  int restarts = 0;
  CmaDistribution distribution;
  std::vector<double> best_goals;  // of the latest generations since the last restart, at most GoalWindow
  TrialSet used;                   // finished trials that have had their effect
};

// 10 + 30 n / lambda generations.
size_t GoalWindow(int n, int lambda);

// Whether a restart is due: the deviations of all continuous coordinates are so small that draws repeat each other, C
// is badly conditioned, or the best goals of GoalWindow generations are the same [Auger & Hansen 2005, section 2].
bool HasConverged(const CmaState& state, const std::vector<bool>& continuous);

// A versioned blob of little-endian numbers.
std::string SerializeCmaState(const CmaState& state);
// nullopt unless it is a state of `n` dimensions that a search may have come to.
std::optional<CmaState> ParseCmaState(std::string_view blob, int n);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_STATE_H_
