#include "server/algorithms/gp/model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <utility>
#include <vector>

#include "server/algorithms/gp/fit.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

struct ModelKind {
  WarpKind warp;
  bool trend;
};

std::vector<ModelKind> Kinds() {
  const char* env = std::getenv("PHOTINUS_GP_MODELS");
  std::istringstream in(env ? env : "yj");
  std::vector<ModelKind> kinds;
  std::string word;
  while (std::getline(in, word, ',')) {
    const bool trend = word.back() == 't';
    if (trend) word.pop_back();
    kinds.push_back({word == "std"  ? WarpKind::kStandardise
                     : word == "hr" ? WarpKind::kHalfRank
                                    : WarpKind::kYeoJohnson,
                     trend});
  }
  return kinds;
}

// Mean log density of each left-out value in the objective's own units, over the better half.
double LeaveOneOutScore(const GpFit& fit, const WarpedValues& warped, const VectorXd& values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<long>(sorted.size() / 2), sorted.end());
  const double median = sorted[sorted.size() / 2];
  double sum = 0;
  int count = 0;
  for (Index i = 0; i < values.size(); ++i) {
    if (values[i] < median) continue;
    const double variance = std::max(fit.left_out_variance[i], 1e-12);
    const double residual = warped.values[i] - fit.left_out_mean[i];
    sum += -0.5 * std::log(2 * M_PI * variance) - 0.5 * residual * residual / variance + warped.log_jacobian[i];
    ++count;
  }
  return sum / count;
}

}  // namespace

std::string GpModel::Name() const {
  const char* warp_name = warp == WarpKind::kStandardise  ? "standardised"
                          : warp == WarpKind::kYeoJohnson ? "Yeo-Johnson"
                                                          : "half-rank";
  return std::string(warp_name) + (parameters.trend_variance > 0 ? " with trend" : "");
}

std::optional<GpModel> ChooseGpModel(const Eigen::MatrixXd& features, const FeatureGroups& groups,
                                     const VectorXd& values, const std::function<bool()>& cancelled) {
  std::optional<GpModel> best;
  for (const ModelKind& kind : Kinds()) {
    WarpedValues warped = Warp(kind.warp, values);
    const auto fit = FitGp(features, groups, warped.values, kind.trend, cancelled);
    if (cancelled && cancelled()) return std::nullopt;
    if (!fit.has_value()) continue;
    const double score = LeaveOneOutScore(*fit, warped, values);
    if (best.has_value() && score <= best->score) continue;
    best = GpModel{kind.warp, std::move(warped.values), fit->parameters, fit->mean, score};
  }
  return best;
}

}  // namespace photinus
