#include "tests/benchmarks/stopping/curve_family.h"

#include <algorithm>
#include <cmath>

#include "common/base/random.h"

namespace photinus {
namespace {

constexpr double kMeanAccuracy = 0.6, kSpreadOfAccuracy = 0.1;
constexpr double kReach = 0.35;          // how far from the mean accuracies can be
constexpr double kTrainingLuck = 0.003;  // deviation of the asymptote between trials at one point
constexpr double kChance = 0.1;
constexpr double kMeanLogRate = 2.3;  // a tenth of the horizon
constexpr double kSpeedEffect = 0.3, kSpeedLuck = 0.15;
constexpr double kShapeJitter = 0.2;

}  // namespace

const std::vector<CurveFamily>& CurveFamilies() {
  static const auto& families = *new std::vector<CurveFamily>{
      {.name = "plain", .slowness_of_good = 0.05},
      {.name = "crossing", .slowness_of_good = 0.35, .diverging = 0.03, .jumping = 0.05},
      {.name = "divergence", .slowness_of_good = 0.05, .diverging = 0.15},
      {.name = "jumps", .slowness_of_good = 0.05, .jumping = 0.15},
      {.name = "noise", .slowness_of_good = 0.05, .noise = 0.02, .correlation = 0.5},
  };
  return families;
}

const CurveFamily* FindCurveFamily(const std::string& name) {
  for (const CurveFamily& family : CurveFamilies()) {
    if (family.name == name) return &family;
  }
  return nullptr;
}

// Per dimension a slope, a bump and, with the next dimension, a wave; each of mean 0 over uniform x.
double CurveStudy::Landscape::Value(const Coordinates& x) const {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t next = (i + 1) % x.size();
    sum += slope[i] * (x[i] - 0.5) +
           2 * ((0.5 - peak[i]) * (0.5 - peak[i]) + 1.0 / 12 - (x[i] - peak[i]) * (x[i] - peak[i])) +
           0.25 * std::sin(4 * (x[i] - x[next]) + phase[i]);
  }
  return sum;
}

CurveStudy::Landscape CurveStudy::DrawLandscape(uint64_t seed) {
  Random random(seed);
  Landscape landscape;
  for (size_t i = 0; i < landscape.slope.size(); ++i) {
    landscape.slope[i] = random.Normal();
    landscape.peak[i] = random.Uniform();
    landscape.phase[i] = 2 * M_PI * random.Uniform();
  }
  return landscape;
}

// Powers, exponentials [Janoschek], MMF or Hill, and logarithms, each with half its way gone near rate * time = 1.
double CurveStudy::Shape::Left(double time) const {
  const double u = rate * time;
  return weights[0] * std::pow(1 + u, -1.2) + weights[1] * std::exp(-std::pow(u, 0.8)) +
         weights[2] / (1 + std::pow(u, 1.3)) + weights[3] / (1 + 1.5 * std::log1p(u));
}

CurveStudy::CurveStudy(const CurveFamily& family, uint64_t seed, uint64_t chance_seed)
    : family_(family),
      chance_seed_(chance_seed),
      quality_(DrawLandscape(MixSeed(seed, 1))),
      speed_(DrawLandscape(MixSeed(seed, 2))) {
  Random random(MixSeed(seed, 3));
  double sum = 0;
  for (double& weight : weights_) sum += weight = -std::log(1 - random.Uniform());
  for (double& weight : weights_) weight /= sum;
}

std::vector<double> CurveStudy::Curve(const Coordinates& x, int64_t trial, int horizon) const {
  Random random(MixSeed(MixSeed(chance_seed_, 4), static_cast<uint64_t>(trial)));
  const double quality = quality_.Value(x);
  const double asymptote =
      kMeanAccuracy + kReach * std::tanh(kSpreadOfAccuracy * quality / kReach) + kTrainingLuck * random.Normal();
  const double start = kChance + 0.03 * random.Normal();
  Shape shape{.weights = weights_,
              .rate = std::exp(kMeanLogRate - family_.slowness_of_good * quality + kSpeedEffect * speed_.Value(x) +
                               kSpeedLuck * random.Normal())};
  double sum = 0;
  for (double& weight : shape.weights) sum += weight *= std::exp(kShapeJitter * random.Normal());
  for (double& weight : shape.weights) weight /= sum;
  const double fate = random.Uniform(), when = 0.1 + 0.8 * random.Uniform();
  const bool diverges = fate<family_.diverging, jumps = fate> 1 - family_.jumping;
  const double jump = 0.01 + 0.03 * random.Uniform();

  std::vector<double> values;
  double noise = random.Normal();
  for (int step = 1; step <= horizon; ++step) {
    const double time = static_cast<double>(step) / horizon;
    double value = asymptote - (asymptote - start) * shape.Left(time);
    if (diverges && time > when) value = kChance + (value - kChance) * std::exp(-40 * (time - when));
    if (jumps && time > when) value += jump * (1 - std::exp(-20 * (time - when)));
    values.push_back(value + family_.noise * noise);
    const double rho = family_.correlation;
    noise = rho * noise + std::sqrt(1 - rho * rho) * random.Normal();
  }
  return values;
}

}  // namespace photinus
