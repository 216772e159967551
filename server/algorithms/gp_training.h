// What the GP algorithm learns: when, from which trials, and how.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_TRAINING_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_TRAINING_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/gp/kernel.h"
#include "server/algorithms/gp_state.h"

namespace photinus {

// One value per row of goals, [n, K], larger is better, by which the trials are picked that stand for all: of one
// objective the goal, of several how little the row lacks to be the best along some direction. Rows that do not satisfy
// all constraints stand below all others.
Eigen::VectorXd StandingOf(const Eigen::MatrixXd& goals, const std::vector<bool>& satisfied);

// Moves what does not satisfy all constraints below what does, in the same order. standing: [n], larger is better.
Eigen::VectorXd BelowSatisfied(Eigen::VectorXd standing, const std::vector<bool>& satisfied);

// Of rows of the trials: features, [n, F]; goals and slacks, [n, K + C]; whether all constraints are satisfied; labels
// for feasibility, +1 and -1 for trials that failed.
Eigen::MatrixXd FeaturesOf(const EncodedTrials& trials, const std::vector<size_t>& rows);
Eigen::MatrixXd GoalsAndSlacksOf(const EncodedTrials& trials, const std::vector<size_t>& rows);
std::vector<bool> SatisfiedOf(const EncodedTrials& trials, const std::vector<size_t>& rows);
Eigen::VectorXd LabelsOf(const EncodedTrials& trials, const std::vector<size_t>& rows);

// Whether models of this state are outdated: by every trial while there are few, later by a fiftieth of them (100 at
// most), by a first failure, or by a goal far better than those that the warp was fitted to.
bool IsOutdated(const GpState& state, const EncodedTrials& trials);

// All that a fit needs, copied from the trials, so that it may take its time.
struct GpLesson {
  FeatureGroups groups;
  Eigen::MatrixXd features;  // of the base trials, [n, F]
  size_t objectives = 0;     // K
  Eigen::MatrixXd values;    // [n, K + C], goals and slacks, larger is better
  Eigen::VectorXd standing;  // [n]
  Eigen::MatrixXd feasibility_features;
  Eigen::VectorXd labels;  // +1 feasible, -1 not; empty: nothing failed
  GpState state;           // of which the models are missing
  std::optional<GpState> before;
};

// At least two trials are evaluated. before: the old state, if any.
GpLesson MakeLesson(const EncodedTrials& trials, const GpState* before);

// nullopt if no model could be fitted, or if cancelled.
std::optional<GpState> Learn(const GpLesson& lesson, const std::function<bool()>& cancelled);

// As Learn, in a time that a request has: one kind of model, fitted to few rows. Models of before do not count.
std::optional<GpState> LearnQuickly(const GpLesson& lesson, const std::function<bool()>& cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_TRAINING_H_
