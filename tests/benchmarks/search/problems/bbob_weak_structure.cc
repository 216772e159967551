#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/benchmarks/search/problems/bbob.h"
#include "tests/benchmarks/search/problems/bbob_transforms.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd RandomSigns(Index dimension, Random& random) {
  VectorXd signs(dimension);
  for (double& s : signs) s = random.Below(2) == 0 ? -1 : 1;
  return signs;
}

// The greatest of some Gaussian peaks. The first is the highest.
struct Peaks {
  MatrixXd centres;  // [peaks, D], rotated
  MatrixXd widths;   // [peaks, D], the diagonal of C
  VectorXd heights;  // [peaks]

  double Highest(const VectorXd& rotated) const {
    double highest = 0;
    const double scale = -0.5 / static_cast<double>(rotated.size());
    for (Index i = 0; i < heights.size(); ++i) {
      const auto step = (rotated.transpose() - centres.row(i)).array();
      highest = std::max(highest, heights[i] * std::exp(scale * (step.square() * widths.row(i).array()).sum()));
    }
    return highest;
  }
};

// condition: of the highest peak; span: where the optimizer may lie, others lie in [-4.9, 4.9].
BoxFunction Gallagher(Index peaks, double condition, double span, Index dimension, Random& random) {
  const MatrixXd r = RandomRotation(dimension, random);
  std::vector<int> ranks;  // the others' conditions are 1000^(2 rank / (peaks - 2)), each once
  for (int k = 0; k + 1 < peaks; ++k) ranks.push_back(k);
  random.Shuffle(ranks);
  MatrixXd centres(peaks, dimension);
  Peaks shape{.centres = {}, .widths = MatrixXd(peaks, dimension), .heights = VectorXd(peaks)};
  for (Index i = 0; i < peaks; ++i) {
    for (Index k = 0; k < dimension; ++k) centres(i, k) = (i == 0 ? span : 4.9) * (2 * random.Uniform() - 1);
    const double others = static_cast<double>(peaks - 2);
    const double alpha = i == 0 ? condition : std::pow(1000, 2 * ranks[i - 1] / others);
    const VectorXd scale = Conditioning(alpha, dimension);
    std::vector<double> diagonal(scale.begin(), scale.end());
    random.Shuffle(diagonal);
    for (Index k = 0; k < dimension; ++k) shape.widths(i, k) = diagonal[k] / std::pow(alpha, 0.25);
    shape.heights[i] = i == 0 ? 10 : 1.1 + 8 * static_cast<double>(i - 1) / others;
  }
  shape.centres = centres * r.transpose();
  const VectorXd optimizer = centres.row(0).transpose();
  return {optimizer,
          [=](const VectorXd& x) { return std::pow(Oscillate(std::max(10 - shape.Highest(r * x), 0.0)), 2); }};
}

}  // namespace

BoxFunction Schwefel(Index dimension, Random& random) {
  constexpr double kOptimum = 4.2096874633, kLeast = 4.189828872724339;  // of one coordinate, in hundreds
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const VectorXd signs = RandomSigns(dimension, random), scale = Conditioning(10, dimension);
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd step = 2 * signs.cwiseProduct(x - optimizer);  // from (kOptimum, kOptimum, ...)
            double sum = 0, penalty = 0;
            for (Index i = 0; i < step.size(); ++i) {
              const double coupled = step[i] + (i > 0 ? 0.25 * step[i - 1] : 0);
              const double z = 100 * (scale[i] * coupled + kOptimum);
              sum += z * std::sin(std::sqrt(std::abs(z)));
              penalty += std::pow(std::max(0.0, std::abs(z / 100) - 5), 2);
            }
            return std::max(kLeast - sum / (100 * static_cast<double>(dimension)), 0.0) + 100 * penalty;
          }};
}

BoxFunction Gallagher101(Index dimension, Random& random) { return Gallagher(101, 1e3, 4, dimension, random); }

BoxFunction Gallagher21(Index dimension, Random& random) { return Gallagher(21, 1e6, 3.92, dimension, random); }

BoxFunction Katsuura(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = q * Conditioning(100, dimension).asDiagonal() * r;
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = map * (x - optimizer);
            const double d = static_cast<double>(dimension);
            double product = 1;
            for (Index i = 0; i < z.size(); ++i) {
              double sum = 0;
              for (int j = 1; j <= 32; ++j) {
                const double scaled = std::ldexp(z[i], j);
                sum += std::ldexp(std::abs(scaled - std::round(scaled)), -j);
              }
              product *= std::pow(1 + static_cast<double>(i + 1) * sum, 10 / std::pow(d, 1.2));
            }
            return 10 / (d * d) * (product - 1);
          }};
}

BoxFunction LunacekBiRastrigin(Index dimension, Random& random) {
  constexpr double kNear = 2.5, kDepth = 1;  // mu_0 and d
  const VectorXd optimizer = RandomOptimizer(dimension, random), signs = RandomSigns(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = q * Conditioning(100, dimension).asDiagonal() * r;
  const double d = static_cast<double>(dimension);
  const double s = 1 - 1 / (2 * std::sqrt(d + 20) - 8.2);
  const double far = -std::sqrt((kNear * kNear - kDepth) / s);  // mu_1
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd step = 2 * signs.cwiseProduct(x - optimizer);  // from (mu_0, mu_0, ...)
            const double funnels =
                std::min(step.squaredNorm(), kDepth * d + s * (step.array() + kNear - far).square().sum());
            return funnels + 10 * (d - (2 * M_PI * (map * step).array()).cos().sum());
          }};
}

}  // namespace photinus
