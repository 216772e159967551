// Where a suggestion comes from, for people.
#ifndef PHOTINUS_SERVER_ALGORITHMS_EXPLANATION_H_
#define PHOTINUS_SERVER_ALGORITHMS_EXPLANATION_H_

#include <optional>
#include <string>
#include <vector>

namespace photinus {

// What a model expects of one objective at a point, in the metric's own units and without observation noise: the value
// is below `median` as likely as above it, and within lower..upper with a probability of 68 %. Infinite where the model
// sees no end.
struct MetricPrediction {
  double median = 0;
  double lower = 0, upper = 0;
};

// Arms that several algorithms have; docs/algorithms.md lists all.
inline constexpr char kDefaultArm[] = "default";  // the parameters' default values
inline constexpr char kSobolArm[] = "sobol";
inline constexpr char kRandomArm[] = "random";
inline constexpr char kInitialArm[] = "initial_design";  // until there is something to learn from
inline constexpr char kWarmStartArm[] = "warm_start";    // one of the best points of another study
inline constexpr char kMutationArm[] = "mutation";

struct Explanation {
  std::string arm;                         // which strategy of the algorithm chose the point, in one word
  std::string text = {};                   // the same in one line
  std::optional<double> acquisition = {};  // what the arm maximised, at the point; none: it maximises nothing
  // One per objective, then one of the slack of each constraint; none without a model. Empty: no model took part.
  std::vector<std::optional<MetricPrediction>> predictions = {};
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_EXPLANATION_H_
