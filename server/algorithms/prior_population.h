#ifndef PHOTINUS_SERVER_ALGORITHMS_PRIOR_POPULATION_H_
#define PHOTINUS_SERVER_ALGORITHMS_PRIOR_POPULATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "common/space/flatten.h"
#include "server/algorithms/history.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// The best trials of the studies that the request starts warm with, an equal share of each and at most `count` in all,
// for the places of a population that no trial of the request's own has yet. Snapped, and with trial id 0. Their goals
// are taken for this study's own.
std::vector<Evaluation> PriorPopulation(const Flatten& flatten, const SuggestRequest& request, size_t count);

// "trial 3", for an explanation.
std::string ParentName(const Evaluation& parent);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_PRIOR_POPULATION_H_
