#ifndef PHOTINUS_COMMON_BASE_QUANTILE_H_
#define PHOTINUS_COMMON_BASE_QUANTILE_H_

#include <vector>

namespace photinus {

// The value at q (n - 1) of the ascending values 0..n-1, interpolated between two of them [Hyndman & Fan 1996, type 7];
// q = 0.5: the median. values: finite, at least one. q: in [0, 1].
double Quantile(std::vector<double> values, double q);

// Of a normal distribution with the values' interquartile range: a quarter of them may be anything.
double RobustDeviation(const std::vector<double>& values);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_QUANTILE_H_
