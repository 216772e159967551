#include "server/algorithms/parzen/parzen_estimator.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace photinus {
namespace {

constexpr double kOtherCategory = 0.2;  // probability of all other categories together
constexpr double kScott = 1.06;         // [Scott 1992]
constexpr double kMinBandwidth = 0.01;  // so that a search does not end where its best points agree
constexpr double kUniformVariance = 1.0 / 12;

double NormalCdf(double z) { return 0.5 * std::erfc(-z * M_SQRT1_2); }

}  // namespace

bool ParzenEstimator::IsCategorical(size_t parameter) const {
  return flatten_.space().parameters()[parameter].type == Parameter::Type::kCategorical;
}

ParzenEstimator::ParzenEstimator(const Flatten& flatten, std::vector<UnitPoint> points) : flatten_(flatten) {
  const auto dimension = static_cast<size_t>(flatten.dimension());
  double active_parameters = 0;
  for (UnitPoint& point : points) {
    std::vector<bool> active = flatten.Active(point);
    active_parameters += static_cast<double>(std::count(active.begin(), active.end(), true));
    kernels_.push_back({.centre = std::move(point), .active = std::move(active), .log_height = {}});
  }
  if (!kernels_.empty()) active_parameters /= static_cast<double>(kernels_.size());
  bandwidths_.resize(dimension);
  log_same_.resize(dimension);
  log_other_.resize(dimension);
  for (size_t i = 0; i < dimension; ++i) {
    const auto levels = static_cast<double>(flatten.Levels(static_cast<int>(i)));
    if (IsCategorical(i) && levels > 1) {
      log_same_[i] = std::log((1 - kOtherCategory) * levels);
      log_other_[i] = std::log(kOtherCategory * levels / (levels - 1));
    }
    if (!IsCategorical(i)) bandwidths_[i] = BandwidthOf(i, active_parameters);
  }
  for (Kernel& kernel : kernels_) {
    kernel.log_height.resize(dimension);
    for (size_t i = 0; i < dimension; ++i) {
      const double h = bandwidths_[i], x = kernel.centre[i];
      if (h > 0)
        kernel.log_height[i] = -std::log(h * std::sqrt(2 * M_PI) * (NormalCdf((1 - x) / h) - NormalCdf(-x / h)));
    }
  }
}

// Scott's rule, 1.06 s n^(-1 / (4 + d)), with the uniform prior counted as one more point, so that few points do not
// make it narrow by chance.
double ParzenEstimator::BandwidthOf(size_t parameter, double active_parameters) const {
  double n = 0, sum = 0, squares = 0;
  for (const Kernel& kernel : kernels_) {
    if (!kernel.active[parameter]) continue;
    const double x = kernel.centre[parameter];
    n += 1;
    sum += x;
    squares += x * x;
  }
  const double mean = n > 0 ? sum / n : 0;
  const double variance = (std::max(squares - n * mean * mean, 0.0) + kUniformVariance) / (n + 1);
  const double scott = kScott * std::sqrt(variance) * std::pow(n + 1, -1 / (4 + active_parameters));
  const int64_t levels = flatten_.Levels(static_cast<int>(parameter));
  const double least = levels > 0 ? std::max(0.5 / static_cast<double>(levels), kMinBandwidth) : kMinBandwidth;
  return std::max(scott, least);
}

double ParzenEstimator::LogKernel(const Kernel& kernel, const UnitPoint& unit, const std::vector<bool>& active) const {
  double log_density = 0;
  for (size_t i = 0; i < unit.size(); ++i) {
    if (!active[i] || !kernel.active[i]) continue;
    const double h = bandwidths_[i];
    if (h > 0) {
      const double z = (unit[i] - kernel.centre[i]) / h;
      log_density += kernel.log_height[i] - 0.5 * z * z;
    } else {
      log_density += unit[i] == kernel.centre[i] ? log_same_[i] : log_other_[i];
    }
  }
  return log_density;
}

double ParzenEstimator::LogDensity(const UnitPoint& unit) const {
  const std::vector<bool> active = flatten_.Active(unit);
  std::vector<double> terms = {0};  // the prior
  for (const Kernel& kernel : kernels_) terms.push_back(LogKernel(kernel, unit, active));
  const double largest = *std::max_element(terms.begin(), terms.end());
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - largest);
  return largest + std::log(sum / static_cast<double>(terms.size()));
}

double ParzenEstimator::SampleCoordinate(const Kernel& kernel, size_t parameter, Random& random) const {
  const double centre = kernel.centre[parameter];
  if (!kernel.active[parameter]) return random.Uniform();
  if (IsCategorical(parameter)) {
    const auto levels = static_cast<uint64_t>(flatten_.Levels(static_cast<int>(parameter)));
    if (levels == 1 || random.Uniform() >= kOtherCategory) return centre;
    const auto own = static_cast<uint64_t>(flatten_.LevelOf(static_cast<int>(parameter), centre));
    const uint64_t other = random.Below(levels - 1);
    return flatten_.LevelCoordinate(static_cast<int>(parameter), static_cast<int64_t>(other < own ? other : other + 1));
  }
  double drawn;
  do {
    drawn = centre + bandwidths_[parameter] * random.Normal();
  } while (drawn < 0 || drawn > 1);
  return drawn;
}

UnitPoint ParzenEstimator::Sample(Random& random) const {
  UnitPoint unit(static_cast<size_t>(flatten_.dimension()));
  const uint64_t component = random.Below(kernels_.size() + 1);
  for (size_t i = 0; i < unit.size(); ++i) {
    unit[i] = component == kernels_.size() ? random.Uniform() : SampleCoordinate(kernels_[component], i, random);
  }
  flatten_.Snap(unit);
  return unit;
}

}  // namespace photinus
