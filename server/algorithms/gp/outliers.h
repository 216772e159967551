// Values so bad that they say nothing of how good the others are.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_OUTLIERS_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_OUTLIERS_H_

#include <vector>

namespace photinus {

// A sorted copy's value at share `q` of [0, 1], between two values where it lies there.
double QuantileOfSorted(const std::vector<double>& sorted, double q);

// What is less than this is an outlier, as where training diverged: up to a tenth of the values, if they are worse than
// all others by thirty times the range of these. sorted: ascending, to be maximised, at least one. May be -infinity.
double OutlierBound(const std::vector<double>& sorted);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_OUTLIERS_H_
