// The density of a set of points, by one kernel for each.
#ifndef PHOTINUS_SERVER_ALGORITHMS_PARZEN_PARZEN_ESTIMATOR_H_
#define PHOTINUS_SERVER_ALGORITHMS_PARZEN_PARZEN_ESTIMATOR_H_

#include <vector>

#include "common/base/random.h"
#include "common/space/flatten.h"

namespace photinus {

// A multivariate Parzen estimator over a search space [Falkner et al. 2018; Watanabe 2023]: the mixture, in equal
// shares, of a uniform prior and one kernel per point. Densities are relative to a uniform draw of the space.
//
// A kernel is a product over parameters: for numbers a normal density in unit coordinates, cut off at the bounds, whose
// bandwidth follows Scott's rule; for a category probability 1 - b for itself and b for all others together, b = 0.2.
// For an integer or a discrete value the bandwidth is half a level at least, and the density in the cell's centre
// stands for the cell. A parameter that is inactive at the kernel's point is uniform under it: so a kernel says nothing
// of children that its trial did not have, and conditional spaces need no other treatment. Immutable.
class ParzenEstimator {
 public:
  // points: snapped. The flattened space is borrowed.
  ParzenEstimator(const Flatten& flatten, std::vector<UnitPoint> points);

  // At a snapped point; finite.
  double LogDensity(const UnitPoint& unit) const;
  // A draw of the mixture, snapped.
  UnitPoint Sample(Random& random) const;
  // In unit coordinates; 0 for a category.
  double Bandwidth(int parameter) const { return bandwidths_[parameter]; }

 private:
  struct Kernel {
    UnitPoint centre;
    std::vector<bool> active;
    // log of the normal density's factor in front of the exponential, per parameter: 1 / (bandwidth sqrt(2 pi) * the
    // share within the bounds).
    std::vector<double> log_height;
  };

  bool IsCategorical(size_t parameter) const;
  double BandwidthOf(size_t parameter, double active_parameters) const;
  double LogKernel(const Kernel& kernel, const UnitPoint& unit, const std::vector<bool>& active) const;
  double SampleCoordinate(const Kernel& kernel, size_t parameter, Random& random) const;

  const Flatten& flatten_;
  std::vector<Kernel> kernels_;
  std::vector<double> bandwidths_;
  std::vector<double> log_same_, log_other_;  // of a category, relative to the uniform probability
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_PARZEN_PARZEN_ESTIMATOR_H_
