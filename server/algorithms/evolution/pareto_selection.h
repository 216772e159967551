// Which of several points are the best when there are several goals.
#ifndef PHOTINUS_SERVER_ALGORITHMS_EVOLUTION_PARETO_SELECTION_H_
#define PHOTINUS_SERVER_ALGORITHMS_EVOLUTION_PARETO_SELECTION_H_

#include <cstddef>
#include <vector>

namespace photinus {

// One vector of finite goals per point, all of one length, larger is better.
using GoalTable = std::vector<std::vector<double>>;

// The front of each point: 0 if no other dominates it (is nowhere worse and somewhere better), k if that holds once
// fronts below k are taken away [Deb et al. 2002, fast non-dominated sort]. O(goals n^2).
std::vector<int> NonDominatedRanks(const GoalTable& goals);

// The crowding distance of each point among all of them: the sum over goals of the gap between its two neighbours,
// relative to the goal's range; infinite at the ends of each goal [Deb et al. 2002].
std::vector<double> CrowdingDistances(const GoalTable& goals);

// The best `keep` points, best first: by rank, then (of several goals) by crowding distance within the rank, then by
// order. At most that many.
std::vector<size_t> SelectBest(const GoalTable& goals, size_t keep);

// The same for any number of points at a cost that is linear in it: blocks of `block` points, in order, are joined with
// the best of all earlier ones, as the generations of NSGA-II are.
std::vector<size_t> SelectBestByGenerations(const GoalTable& goals, size_t keep, size_t block);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_EVOLUTION_PARETO_SELECTION_H_
