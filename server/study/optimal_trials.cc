#include "server/study/optimal_trials.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace photinus {
namespace {

struct Candidate {
  int64_t id = 0;
  std::vector<double> costs;  // to be minimised
};

std::vector<Candidate> Candidates(const StudyProblem& problem, const StudyHistory& history) {
  std::vector<Candidate> candidates;
  for (const auto& trial : history.trials) {
    if (trial->state != pb::Trial::SUCCEEDED || trial->objectives.size() != problem.objectives.size()) continue;
    if (!std::all_of(trial->objectives.begin(), trial->objectives.end(), [](double v) { return std::isfinite(v); })) {
      continue;
    }
    Candidate candidate{trial->id, trial->objectives};
    for (size_t i = 0; i < candidate.costs.size(); ++i) {
      if (problem.objectives[i].maximize) candidate.costs[i] = -candidate.costs[i];
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

// No worse anywhere and not the same.
bool Dominates(const Candidate& a, const Candidate& b) {
  for (size_t i = 0; i < a.costs.size(); ++i) {
    if (a.costs[i] > b.costs[i]) return false;
  }
  return a.costs != b.costs;
}

}  // namespace

std::vector<int64_t> OptimalTrials(const StudyProblem& problem, const StudyHistory& history) {
  if (problem.objectives.empty()) return {};
  std::vector<Candidate> candidates = Candidates(problem, history);
  // In this order only earlier ones can dominate later ones.
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return std::tie(a.costs, a.id) < std::tie(b.costs, b.id); });
  if (problem.objectives.size() == 1 && candidates.size() > 1) candidates.resize(1);
  std::vector<const Candidate*> front;
  for (const Candidate& candidate : candidates) {
    if (std::none_of(front.begin(), front.end(), [&](const Candidate* f) { return Dominates(*f, candidate); })) {
      front.push_back(&candidate);
    }
  }
  std::vector<int64_t> ids;
  ids.reserve(front.size());
  for (const Candidate* candidate : front) ids.push_back(candidate->id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace photinus
