#include "server/stopping/tsgp/time_buckets.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

// r > 1 with 1 + r + ... + r^(buckets - 1) = points, so that the first bucket has one point.
double Growth(Index points, Index buckets) {
  double low = 1, high = 2;
  const auto reached = [&](double r) {
    double sum = 0, power = 1;
    for (Index i = 0; i < buckets; ++i, power *= r) sum += power;
    return sum;
  };
  while (reached(high) < static_cast<double>(points)) high *= 2;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (reached(middle) < static_cast<double>(points) ? low : high) = middle;
  }
  return high;
}

// Where each bucket ends; every bucket has a point.
std::vector<Index> Ends(Index points, Index buckets) {
  const double growth = Growth(points, buckets);
  std::vector<Index> ends;
  double sum = 0, power = 1;
  for (Index b = 0; b < buckets; ++b, power *= growth) {
    sum += power;
    const Index before = ends.empty() ? 0 : ends.back();
    ends.push_back(std::clamp<Index>(std::lround(sum), before + 1, points - (buckets - 1 - b)));
  }
  ends.back() = points;
  return ends;
}

}  // namespace

CurveData IntoBuckets(const ArrayXd& times, const ArrayXd& values, Index buckets, Index single) {
  if (times.size() <= buckets) return {times, values, ArrayXd::Ones(times.size())};
  CurveData data{ArrayXd(buckets), ArrayXd(buckets), ArrayXd(buckets)};
  std::vector<Index> ends = Ends(times.size() - single, buckets - single);
  for (Index i = single; i > 0; --i) ends.push_back(times.size() - i + 1);
  Index begin = 0;
  for (Index b = 0; b < buckets; ++b) {
    const Index count = ends[static_cast<size_t>(b)] - begin;
    data.times[b] = times.segment(begin, count).mean();
    data.values[b] = values.segment(begin, count).mean();
    data.counts[b] = static_cast<double>(count);
    begin += count;
  }
  return data;
}

}  // namespace photinus
