// Where somebody believes the best points to lie, before any trial.
#ifndef PHOTINUS_SERVER_ALGORITHMS_POINT_PRIOR_H_
#define PHOTINUS_SERVER_ALGORITHMS_POINT_PRIOR_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/status/statusor.h"
#include "common/space/flatten.h"
#include "common/study_document/study_document.h"
#include "server/algorithms/acquisition/acquisition.h"

namespace photinus {

// A density over the unit cube, the product of one for each parameter [Hvarfner et al. 2022]:
//   a double or integer, {centre, deviation}: a normal distribution about the centre, which is in the parameter's own
//     units and within its bounds, on the scaled range; the deviation, > 0, is a share of it;
//   a category or discrete value, {VALUE: weight, ...}: a share in proportion to its weight, > 0; 1 where none is
//   named.
// Each is at least a thousandth of its greatest, so that no value is ever out of the question.
class PointPrior {
 public:
  // The flattened space is borrowed. Null: nothing is preferred. InvalidArgument, a FieldError at
  // "priors.PARAMETER...": a parameter or value that the space does not have, a missing or superfluous key, a number
  // out of range.
  static absl::StatusOr<std::unique_ptr<PointPrior>> Make(const Flatten& flatten, const ParameterPriors& priors);

  // log of the density over its greatest value, <= 0: the sum over the parameters that are active. features: [q, F], of
  // snapped points; returns [q]. `gradients`, if not null, becomes [q, F], by the features of doubles, else 0.
  Eigen::VectorXd LogDensity(const Eigen::MatrixXd& features, Eigen::MatrixXd* gradients = nullptr) const;

  // The most likely values of the parameters of which something is believed; the others stay as they are in `unit`.
  void MoveToMode(UnitPoint& unit) const;
  // A uniform point becomes one that is distributed as the prior is: by each parameter's quantiles.
  void MoveToQuantiles(UnitPoint& unit) const;

 private:
  // Of one parameter.
  struct Marginal {
    int parameter = 0;
    // At the centres of equal cells of the unit interval, of levels for discrete values and categories.
    std::vector<double> log_density, cumulative;
    double centre = 0, deviation = 0;  // of numbers, in the scaled range
    int first = 0;                     // feature columns
    Eigen::MatrixXd levels;            // [levels, columns], features of discrete values and categories
    int activity = -1;                 // the column that is 1 where the parameter is active; -1: always
  };

  explicit PointPrior(const Flatten& flatten) : flatten_(flatten) {}
  double LogDensityOf(const Marginal& marginal, const Eigen::RowVectorXd& features) const;

  const Flatten& flatten_;
  std::vector<Marginal> marginals_;
};

// The weight of a prior's log density after so many finished trials: beta / n with beta = 10, a tenth of a budget of a
// hundred trials [Hvarfner et al. 2022].
inline double PriorWeight(int64_t finished) { return 10.0 / static_cast<double>(std::max<int64_t>(finished, 1)); }

// Another acquisition plus `weight` times the log density of a prior: piBO [Hvarfner et al. 2022], in which the weight
// falls as trials finish.
class PriorAcquisition final : public Acquisition {
 public:
  // Both are borrowed.
  PriorAcquisition(const Acquisition& inner, const PointPrior& prior, double weight)
      : inner_(inner), prior_(prior), weight_(weight) {}
  Eigen::VectorXd Score(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd Bound(const Eigen::MatrixXd& features) const override;
  Eigen::VectorXd ScoreWithGradient(const Eigen::MatrixXd& features, Eigen::MatrixXd& gradients) const override;

 private:
  const Acquisition& inner_;
  const PointPrior& prior_;
  double weight_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_POINT_PRIOR_H_
