#include "server/stopping/tsgp/student_t.h"

#include <cmath>

namespace photinus {
namespace {

// sqrt(z^2 + 4) - z, without cancellation.
double RootLess(double z, double root) { return z > 0 ? 4 / (root + z) : root - z; }

}  // namespace

// (1 - s)^2 (2 + s) / 4 with s = z / sqrt(z^2 + 4), the closed form for 4 degrees.
double StudentChanceAbove(double z) {
  static_assert(kFreedom == 4);
  const double root = std::sqrt(z * z + 4), left = RootLess(z, root) / root;
  return left * left * (2 + z / root) / 4;
}

// (4 + z^2) / 3 f(z) - z P(T > z), with the density f(z) = 12 (z^2 + 4)^(-5/2).
double StudentGainAbove(double z) {
  static_assert(kFreedom == 4);
  const double root = std::sqrt(z * z + 4);
  return std::pow(RootLess(z, root), 2) / (4 * root);
}

}  // namespace photinus
