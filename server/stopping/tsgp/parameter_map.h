// What a trial's parameters say of its learning curve, shared by all trials.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_PARAMETER_MAP_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_PARAMETER_MAP_H_

#include <functional>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "server/stopping/tsgp/curve_likelihood.h"

namespace photinus {

// theta(x) = b + W (x - centre): the prior mean of the asymptote and the kernel of a curve are linear in the features
// of the trial's parameters.
struct ParameterMap {
  Theta offset;                                         // b
  Eigen::Matrix<double, kThetaSize, Eigen::Dynamic> w;  // [5, F]; F = 0: the same theta for all trials
  Eigen::VectorXd centre;                               // [F]
  SharedParameters shared;

  Theta ThetaAt(const Eigen::VectorXd& features) const;
};

// phi: rows of features, [n, F], with their squares, [n, 2 F].
Eigen::MatrixXd MapBasis(const Eigen::MatrixXd& features);

// Before anything is known, in units of the study's spread of final values.
ParameterMap DefaultParameterMap();

// The cost that a fit of the map minimises: -log of the curves' density and of the prior. Curves are independent given
// the map; the nugget stands for what it cannot explain of their asymptotes.
class MapCost {
 public:
  // curves: [n], each with a point at least, borrowed; basis: [n, P], P = 0 for the same theta for all.
  MapCost(const std::vector<CurveData>& curves, const Eigen::MatrixXd& basis);

  // b, W by columns, both in units of how much theta differs between trials; log sigma, log tau, rho, gamma, eta.
  Eigen::Index parameters() const { return kThetaSize * (1 + basis_.cols()) + kSharedSize; }
  Eigen::VectorXd Pack(const ParameterMap& map) const;
  ParameterMap Unpack(const Eigen::VectorXd& packed) const;
  // Of Pack's values.
  Eigen::VectorXd Low() const;
  Eigen::VectorXd High() const;

  // Infinity where a covariance is not positive definite.
  double Evaluate(const Eigen::VectorXd& packed, Eigen::VectorXd& gradient) const;

 private:
  double Prior(const Eigen::VectorXd& packed, Eigen::VectorXd& gradient) const;

  const std::vector<CurveData>& curves_;
  const Eigen::VectorXd centre_;
  const Eigen::MatrixXd basis_;  // centred
};

// features: [n, F]. The map of greatest posterior density, by L-BFGS. nullopt if cancelled or if no start gave a
// density.
std::optional<ParameterMap> FitParameterMap(const std::vector<CurveData>& curves, const Eigen::MatrixXd& features,
                                            const std::function<bool()>& cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_PARAMETER_MAP_H_
