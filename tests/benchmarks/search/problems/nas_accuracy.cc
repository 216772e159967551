#include <algorithm>
#include <cmath>

#include "tests/benchmarks/search/problems/nas.h"

namespace photinus {
namespace {

constexpr double kCeiling = 94, kChance = 10, kSlope = 25;

}  // namespace

double AccuracyOf(double score) { return std::max(kChance, kCeiling - kSlope * std::log1p(std::exp(-(score + 1)))); }

std::vector<double> NoisyAccuracy(const Point&, const std::vector<double>& accuracy, Random& random) {
  return {accuracy[0] + (0.15 + 0.02 * (kCeiling - accuracy[0])) * random.Normal()};
}

}  // namespace photinus
