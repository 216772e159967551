#include "tests/benchmarks/search/problems/wrong_scale.h"

#include <cmath>

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// From where a coordinate lies in its range to where it would on a log scale, both in [0, 1].
double ToLog(double u, double decades) { return std::log10(1 + (std::pow(10, decades) - 1) * u) / decades; }
double FromLog(double t, double decades) { return (std::pow(10, decades * t) - 1) / (std::pow(10, decades) - 1); }

// One coordinate of the box by a function of [0, 1], mirrored where the scale is reverse.
template <typename Function>
double Rescaled(double x, Index coordinate, const Function& function) {
  const double u = (x + kBoxSide) / (2 * kBoxSide);
  if (coordinate % 3 == 0) return kBoxSide * (2 * function(u) - 1);
  if (coordinate % 3 == 1) return kBoxSide * (1 - 2 * function(1 - u));
  return x;
}

}  // namespace

BoxFunction OnWrongScale(const BoxFunction& function, double decades) {
  BoxFunction rescaled = function;
  for (Index i = 0; i < rescaled.optimizer.size(); ++i) {
    rescaled.optimizer[i] = Rescaled(function.optimizer[i], i, [=](double t) { return FromLog(t, decades); });
  }
  rescaled.value = [decades, value = function.value](const VectorXd& x) {
    VectorXd z(x.size());
    for (Index i = 0; i < z.size(); ++i) z[i] = Rescaled(x[i], i, [=](double u) { return ToLog(u, decades); });
    return value(z);
  };
  return rescaled;
}

}  // namespace photinus
