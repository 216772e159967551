// A learning curve of few points: those of each time bucket become one.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_TIME_BUCKETS_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_TIME_BUCKETS_H_

#include "Eigen/Core"

namespace photinus {

// A curve as the Gaussian process sees it, ascending in time.
struct CurveData {
  Eigen::ArrayXd times;   // in horizons
  Eigen::ArrayXd values;  // in units of the study's spread
  Eigen::ArrayXd counts;  // how many measurements a value is the mean of: its noise is sigma^2 / count

  Eigen::Index size() const { return times.size(); }
};

// At most `buckets` points: the means of time and value over runs of points whose lengths grow geometrically, so that
// the steep begin keeps its points; the last `single` measurements stay by themselves. times, values: one per
// measurement. single: < buckets.
CurveData IntoBuckets(const Eigen::ArrayXd& times, const Eigen::ArrayXd& values, Eigen::Index buckets,
                      Eigen::Index single = 0);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_TIME_BUCKETS_H_
