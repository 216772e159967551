#include "server/algorithms/goals.h"

#include <cmath>
#include <cstddef>

namespace photinus {

std::optional<std::vector<double>> GoalsOf(std::vector<double> objectives, bool infeasible,
                                           const std::vector<Objective>& problem) {
  if (infeasible || objectives.size() != problem.size()) return std::nullopt;
  for (size_t k = 0; k < objectives.size(); ++k) {
    if (!std::isfinite(objectives[k])) return std::nullopt;
    if (!problem[k].maximize) objectives[k] = -objectives[k];
  }
  return objectives;
}

}  // namespace photinus
