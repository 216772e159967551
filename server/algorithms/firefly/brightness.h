// How bright a point looks, when a study has one objective or several.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_BRIGHTNESS_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_BRIGHTNESS_H_

#include <cstdint>
#include <vector>

namespace photinus::firefly {

// The range of each objective over all points seen; empty before the first.
struct GoalRanges {
  void Include(const std::vector<double>& goals);

  std::vector<double> lowest, highest;
};

// One fly's view. With one objective it is the objective. With several, an augmented Chebyshev scalarisation of their
// distances from the best values seen [ParEGO, Knowles 2006], with the fly's own weights, drawn from its id: so each
// fly climbs towards a part of the Pareto front of its own. Id 0 weighs all objectives equally.
class Brightness {
 public:
  // The ranges are borrowed.
  Brightness(const GoalRanges& ranges, int64_t fly_id);

  // Larger is brighter. goals: finite, larger is better.
  double operator()(const std::vector<double>& goals) const;

 private:
  const GoalRanges& ranges_;
  std::vector<double> weights_;
};

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_BRIGHTNESS_H_
