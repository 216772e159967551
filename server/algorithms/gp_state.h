// What the GP algorithm remembers between suggestions: the choices that take too long to make for each.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_STATE_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_STATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/space/flatten.h"
#include "server/algorithms/gp/model.h"

namespace photinus {

// Of one objective, or of the slack of a constraint.
struct GpMetric {
  GpModels models;  // the one in use first; never empty
  double best = 0;  // the best value at the fit
};

// So many trials at most stand for all: for what they achieve, and for whether they fail.
inline constexpr size_t kMaxBaseTrials = 500, kMaxFeasibilityTrials = 300;

struct GpState {
  std::vector<GpMetric> metrics;       // by objective, then by constraint
  std::optional<GpModel> feasibility;  // of labels +1 and -1, not warped; none: nothing had failed
  // The trials that stand for all that were finished at the fit: ids, ascending.
  std::vector<int64_t> base_trials, feasibility_trials;
  int64_t last_trial = 0;        // the greatest id at the fit
  std::vector<int64_t> waiting;  // ids, ascending, up to it that were not finished then
  int64_t evaluated = 0;         // trials with objectives at the fit
  int64_t failed = 0;            // trials without
  int64_t fits = 0;              // how many there were, this one included
};

// A versioned blob.
std::string WriteGpState(const GpState& state);

// nullopt for a blob of another version, space or number of metrics, or a damaged one: as if there were none.
std::optional<GpState> ReadGpState(std::string_view blob, const Flatten& flatten, size_t metrics);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_STATE_H_
