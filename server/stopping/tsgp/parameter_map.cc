#include "server/stopping/tsgp/parameter_map.h"

#include <cmath>
#include <limits>

#include "server/algorithms/gp/lbfgs.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kEvaluations = 60;
constexpr double kGoodEnough = 0.2;  // nats between iterations
constexpr size_t kOneOf = 4;         // curves to which the map without parameters is fitted
constexpr double kRidge = 4;         // of W in units of its scale
constexpr double kPriorScales = 3;   // how many scales b may be off

// How much m, a, log s, log alpha and log beta differ between trials, in units of the study's spread.
const Theta& Scales() {
  static const Theta& scales = *new Theta((Theta() << 1, 3, 0.5, 0.5, 0.7).finished());
  return scales;
}

// Of rho, which no curve tells where parameters explain all of the asymptotes: curves begin at one level.
constexpr double kCoupling = 1, kCouplingScale = 0.5;
constexpr double kSlowingScale = 0.3, kMostSlowing = 1;
constexpr double kOwnRate = 0.2, kOwnRateScale = 0.5;
constexpr double kMinLogSigma = -7;

SharedParameters SharedOf(const VectorXd& packed) {
  const auto tail = packed.tail(kSharedSize);
  return {.log_sigma = tail[0], .log_nugget = tail[1], .coupling = tail[2], .slowing = tail[3], .own_rate = tail[4]};
}

}  // namespace

Theta ParameterMap::ThetaAt(const VectorXd& features) const {
  if (w.cols() == 0) return offset;
  return offset + w * (MapBasis(features.transpose()).transpose() - centre);
}

MatrixXd MapBasis(const MatrixXd& features) {
  MatrixXd basis(features.rows(), 2 * features.cols());
  basis << features, 2 * (features.array() - 0.5).square();
  return basis;
}

ParameterMap DefaultParameterMap() {
  const DecayParameters defaults;
  ParameterMap map;
  map.offset << defaults.asymptote, defaults.amplitude, std::log(defaults.spread), std::log(defaults.alpha),
      std::log(defaults.beta);
  map.w.resize(kThetaSize, 0);
  return map;
}

MapCost::MapCost(const std::vector<CurveData>& curves, const MatrixXd& basis)
    : curves_(curves),
      centre_(basis.cols() == 0 ? VectorXd() : VectorXd(basis.colwise().mean().transpose())),
      basis_(basis.cols() == 0 ? basis : MatrixXd(basis.rowwise() - centre_.transpose())) {}

VectorXd MapCost::Pack(const ParameterMap& map) const {
  VectorXd packed(parameters());
  const Theta inverse = Scales().cwiseInverse();
  packed.head(kThetaSize) = map.offset.cwiseProduct(inverse);
  Eigen::Map<MatrixXd>(packed.data() + kThetaSize, kThetaSize, basis_.cols()) = inverse.asDiagonal() * map.w;
  packed.tail(kSharedSize) << map.shared.log_sigma, map.shared.log_nugget, map.shared.coupling, map.shared.slowing,
      map.shared.own_rate;
  return packed;
}

ParameterMap MapCost::Unpack(const VectorXd& packed) const {
  ParameterMap map;
  map.offset = packed.head(kThetaSize).cwiseProduct(Scales());
  map.w = Scales().asDiagonal() * Eigen::Map<const MatrixXd>(packed.data() + kThetaSize, kThetaSize, basis_.cols());
  map.centre = centre_;
  map.shared = SharedOf(packed);
  return map;
}

VectorXd MapCost::Low() const {
  VectorXd low = VectorXd::Constant(parameters(), -1e3);
  low.segment(2, 3) = Eigen::Array3d(-8, std::log(0.05), std::log(1e-3)) / Scales().tail(3).array();
  low.tail(kSharedSize) << kMinLogSigma, -5, 0, -kMostSlowing, 0;
  return low;
}

VectorXd MapCost::High() const {
  VectorXd high = VectorXd::Constant(parameters(), 1e3);
  high.segment(2, 3) = Eigen::Array3d(6, std::log(250), std::log(100)) / Scales().tail(3).array();
  high.tail(kSharedSize) << 3, 3, 1, kMostSlowing, 1;
  return high;
}

double MapCost::Prior(const VectorXd& packed, VectorXd& gradient) const {
  const VectorXd centre = Pack(ParameterMap{.offset = DefaultParameterMap().offset,
                                            .w = MatrixXd::Zero(kThetaSize, basis_.cols()),
                                            .shared = {.coupling = kCoupling, .own_rate = kOwnRate}});
  VectorXd weight = VectorXd::Constant(parameters(), kRidge);
  weight.head(kThetaSize).setConstant(1 / (kPriorScales * kPriorScales));
  weight.tail(kSharedSize).setConstant(1 / (kPriorScales * kPriorScales));
  weight.tail(3) << 1 / (kCouplingScale * kCouplingScale), 1 / (kSlowingScale * kSlowingScale),
      1 / (kOwnRateScale * kOwnRateScale);
  const VectorXd distance = packed - centre;
  gradient += weight.cwiseProduct(distance);
  return 0.5 * distance.dot(weight.cwiseProduct(distance));
}

double MapCost::Evaluate(const VectorXd& packed, VectorXd& gradient) const {
  gradient = VectorXd::Zero(parameters());
  double cost = Prior(packed, gradient);
  const Eigen::Map<const MatrixXd> w(packed.data() + kThetaSize, kThetaSize, basis_.cols());
  Eigen::Map<MatrixXd> by_w(gradient.data() + kThetaSize, kThetaSize, basis_.cols());
  const SharedParameters shared = SharedOf(packed);
  for (size_t i = 0; i < curves_.size(); ++i) {
    const Index row = static_cast<Index>(i);
    Theta scaled = packed.head(kThetaSize);
    if (basis_.cols() > 0) scaled += w * basis_.row(row).transpose();
    CurveGradient slope = CurveGradient::Zero();
    const auto curve = CurveCost(curves_[i], Scales().cwiseProduct(scaled), shared, slope);
    if (!curve.has_value()) return std::numeric_limits<double>::infinity();
    cost += *curve;
    const Theta by_scaled = Scales().cwiseProduct(slope.head(kThetaSize));
    gradient.head(kThetaSize) += by_scaled;
    if (basis_.cols() > 0) by_w += by_scaled * basis_.row(row);
    gradient.tail(kSharedSize) += slope.tail(kSharedSize);
  }
  return cost;
}

std::optional<ParameterMap> FitParameterMap(const std::vector<CurveData>& curves, const MatrixXd& features,
                                            const std::function<bool()>& cancelled) {
  const MatrixXd basis = MapBasis(features);
  const MapCost cost(curves, basis);
  ParameterMap start = DefaultParameterMap();
  start.shared.coupling = kCoupling;
  start.shared.own_rate = kOwnRate;
  if (basis.cols() > 0) {  // from what the curves have in common, which a few of them tell
    std::vector<CurveData> some;
    for (size_t i = 0; i < curves.size(); i += kOneOf) some.push_back(curves[i]);
    const auto common = FitParameterMap(some, MatrixXd(static_cast<Index>(some.size()), 0), cancelled);
    if (!common.has_value()) return std::nullopt;
    start = *common;
  }
  start.w = MatrixXd::Zero(kThetaSize, basis.cols());
  const SmoothFunction function = [&](const VectorXd& packed, VectorXd& gradient) -> std::optional<double> {
    if (cancelled && cancelled()) return std::nullopt;
    return cost.Evaluate(packed, gradient);
  };
  const LbfgsResult best = Minimise(function, cost.Pack(start), cost.Low(), cost.High(),
                                    {.evaluations = kEvaluations, .tolerance = kGoodEnough});
  if (best.stopped || best.point.size() == 0) return std::nullopt;
  return cost.Unpack(best.point);
}

}  // namespace photinus
