#include "server/analysis/sobol_indices.h"

#include <algorithm>
#include <cstdint>

#include "server/algorithms/sampling/scrambled_sobol.h"

namespace photinus {
namespace {

constexpr uint64_t kSeed = 0x50b01;

struct Samples {
  std::vector<UnitPoint> a, b;  // independent of each other
};

Samples DrawSamples(int dimension, int points) {
  ScrambledSobol sobol(2 * dimension, kSeed);
  Samples samples;
  for (int i = 0; i < points; ++i) {
    const UnitPoint both = sobol.At(static_cast<uint64_t>(i));
    samples.a.emplace_back(both.begin(), both.begin() + dimension);
    samples.b.emplace_back(both.begin() + dimension, both.end());
  }
  return samples;
}

}  // namespace

std::optional<SobolIndices> EstimateSobolIndices(int dimension, int points, const CubeFunction& f,
                                                 const std::function<bool()>& cancelled) {
  const size_t n = static_cast<size_t>(dimension);
  SobolIndices indices{std::vector<double>(n), std::vector<double>(n)};
  Samples samples = DrawSamples(dimension, points);
  const Eigen::ArrayXd at_a = f(samples.a), at_b = f(samples.b);
  const double mean = 0.5 * (at_a.mean() + at_b.mean());
  const double variance = 0.5 * ((at_a - mean).square().mean() + (at_b - mean).square().mean());
  if (!(variance > 0)) return indices;
  for (size_t i = 0; i < n; ++i) {
    if (cancelled && cancelled()) return std::nullopt;
    std::vector<UnitPoint> mixed = samples.a;  // with argument i of b
    for (size_t k = 0; k < mixed.size(); ++k) mixed[k][i] = samples.b[k][i];
    const Eigen::ArrayXd at_mixed = f(mixed);
    indices.total[i] = std::min(1.0, 0.5 * (at_a - at_mixed).square().mean() / variance);
    const double main = 1 - 0.5 * (at_b - at_mixed).square().mean() / variance;
    indices.main[i] = std::clamp(main, 0.0, indices.total[i]);
  }
  return indices;
}

}  // namespace photinus
