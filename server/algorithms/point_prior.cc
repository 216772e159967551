#include "server/algorithms/point_prior.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/algorithms/gp/feature_rows.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::RowVectorXd;
using Eigen::VectorXd;
using Type = Parameter::Type;

constexpr int kCells = 512;  // of the unit interval, in which a number's density is added up
const double kLeast = std::log(1e-3);

bool IsNumber(const Parameter& p) { return p.type == Type::kDouble || p.type == Type::kInteger; }

struct Normal {
  double centre = 0.5, deviation = 1;  // in the scaled range
  double LogDensity(double x) const { return std::max(-0.5 * std::pow((x - centre) / deviation, 2), kLeast); }
};

absl::StatusOr<Normal> ReadNormal(const Flatten& flatten, int parameter, const std::string& path,
                                  const std::map<std::string, double>& keys) {
  const Parameter& p = flatten.space().parameters()[parameter];
  const std::vector<std::string> known = {"centre", "deviation"};
  for (const auto& [key, value] : keys) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    return FieldError(absl::StrCat(path, ".", key), absl::StrCat("is unknown; the prior of a number is {centre: ",
                                                                 p.min, ", deviation: 0.1}", DidYouMean(key, known)));
  }
  for (const std::string& key : known) {
    if (keys.count(key) == 0) return FieldError(absl::StrCat(path, ".", key), "is missing");
  }
  const double centre = keys.at("centre"), deviation = keys.at("deviation");
  if (!(centre >= p.min && centre <= p.max)) {
    return FieldError(path + ".centre", absl::StrCat(centre, " is outside of the bounds ", p.min, " and ", p.max));
  }
  if (!(deviation > 0 && std::isfinite(deviation))) {
    return FieldError(path + ".deviation",
                      absl::StrCat("must be greater than 0, a share of the range, not ", deviation));
  }
  return Normal{flatten.CoordinateOf(parameter, centre).value_or(0.5), deviation};
}

// The level that `key` names; nullopt: none.
std::optional<size_t> LevelNamed(const Parameter& p, const std::string& key) {
  if (p.type == Type::kCategorical) {
    const auto found = std::find(p.categories.begin(), p.categories.end(), key);
    if (found == p.categories.end()) return std::nullopt;
    return static_cast<size_t>(found - p.categories.begin());
  }
  double value = 0;
  if (!absl::SimpleAtod(key, &value)) return std::nullopt;
  const auto found = std::find(p.values.begin(), p.values.end(), value);
  if (found == p.values.end()) return std::nullopt;
  return static_cast<size_t>(found - p.values.begin());
}

std::vector<std::string> LevelNames(const Parameter& p) {
  if (p.type == Type::kCategorical) return p.categories;
  std::vector<std::string> names;
  for (const double value : p.values) names.push_back(absl::StrCat(value));
  return names;
}

// log weight over the greatest one, by level.
absl::StatusOr<std::vector<double>> ReadWeights(const Parameter& p, const std::string& path,
                                                const std::map<std::string, double>& keys) {
  std::vector<double> weights(LevelNames(p).size(), 1);
  for (const auto& [key, weight] : keys) {
    const std::string field = absl::StrCat(path, ".", key);
    const std::optional<size_t> level = LevelNamed(p, key);
    if (!level.has_value()) {
      return FieldError(field, absl::StrCat("is no value of ", Quoted(p.id), DidYouMean(key, LevelNames(p))));
    }
    if (!(weight > 0 && std::isfinite(weight))) {
      return FieldError(field, absl::StrCat("must be a weight greater than 0, not ", weight));
    }
    weights[*level] = weight;
  }
  const double greatest = *std::max_element(weights.begin(), weights.end());
  for (double& weight : weights) weight = std::max(std::log(weight / greatest), kLeast);
  return weights;
}

// [cells + 1], from 0 to 1.
std::vector<double> Cumulative(const std::vector<double>& log_density) {
  std::vector<double> sums = {0};
  for (const double log : log_density) sums.push_back(sums.back() + std::exp(log));
  for (double& sum : sums) sum /= sums.back();
  sums.back() = 1;
  return sums;
}

std::vector<ParameterValue> Sorted(std::vector<ParameterValue> values) {
  std::sort(values.begin(), values.end());
  return values;
}

// The column that is 1 where the parameter is active; -1: always.
int ActivityColumn(const Flatten& flatten, int parameter) {
  const auto& parameters = flatten.space().parameters();
  const Parameter& p = parameters[parameter];
  for (const Flatten::FeatureGroup& group : flatten.groups()) {
    const Parameter& other = parameters[group.parameter];
    if (!group.activity || other.parent != p.parent) continue;
    if (Sorted(other.parent_values) == Sorted(p.parent_values)) return group.first;
  }
  return -1;
}

// A point where a parameter is active.
UnitPoint PointWith(const Flatten& flatten, int parameter) {
  UnitPoint unit(static_cast<size_t>(flatten.dimension()), 0.5);
  const auto& parameters = flatten.space().parameters();
  for (int child = parameter; parameters[child].parent >= 0; child = parameters[child].parent) {
    const int parent = parameters[child].parent;
    unit[parent] = flatten.CoordinateOf(parent, parameters[child].parent_values.front()).value_or(0.5);
  }
  return unit;
}

// The features of each level of a parameter, [levels, columns], in its columns.
MatrixXd LevelFeatures(const Flatten& flatten, const Flatten::FeatureGroup& group) {
  UnitPoint unit = PointWith(flatten, group.parameter);
  MatrixXd levels(flatten.Levels(group.parameter), group.size);
  for (Index level = 0; level < levels.rows(); ++level) {
    unit[group.parameter] = flatten.LevelCoordinate(group.parameter, level);
    levels.row(level) = FeaturesOf(flatten, unit).segment(group.first, group.size).transpose();
  }
  return levels;
}

const Flatten::FeatureGroup& GroupOf(const Flatten& flatten, int parameter) {
  return *std::find_if(flatten.groups().begin(), flatten.groups().end(),
                       [&](const auto& group) { return group.parameter == parameter && !group.activity; });
}

}  // namespace

absl::StatusOr<std::unique_ptr<PointPrior>> PointPrior::Make(const Flatten& flatten, const ParameterPriors& priors) {
  auto made = absl::WrapUnique(new PointPrior(flatten));
  const auto& parameters = flatten.space().parameters();
  for (const auto& [name, keys] : priors) {
    const std::string path = absl::StrCat("priors.", name);
    const int parameter = flatten.space().Find(name);
    if (parameter < 0) {
      std::vector<std::string> known;
      for (const Parameter& p : parameters) known.push_back(p.id);
      return FieldError(path, absl::StrCat("is no parameter of the study", DidYouMean(name, known)));
    }
    const Flatten::FeatureGroup& group = GroupOf(flatten, parameter);
    Marginal marginal{.parameter = parameter, .first = group.first, .activity = ActivityColumn(flatten, parameter)};
    if (IsNumber(parameters[parameter])) {
      ASSIGN_OR_RETURN(const Normal normal, ReadNormal(flatten, parameter, path, keys));
      marginal.centre = normal.centre;
      marginal.deviation = normal.deviation;
      for (int i = 0; i < kCells; ++i) marginal.log_density.push_back(normal.LogDensity((i + 0.5) / kCells));
    } else {
      ASSIGN_OR_RETURN(marginal.log_density, ReadWeights(parameters[parameter], path, keys));
      const bool flat = *std::min_element(marginal.log_density.begin(), marginal.log_density.end()) == 0;
      if (flat) continue;
      marginal.levels = LevelFeatures(flatten, group);
    }
    marginal.cumulative = Cumulative(marginal.log_density);
    made->marginals_.push_back(std::move(marginal));
  }
  if (made->marginals_.empty()) return nullptr;
  return made;
}

double PointPrior::LogDensityOf(const Marginal& marginal, const RowVectorXd& features) const {
  if (marginal.activity >= 0 && features[marginal.activity] == 0) return 0;
  if (marginal.deviation > 0) return Normal{marginal.centre, marginal.deviation}.LogDensity(features[marginal.first]);
  Index level = 0;
  (marginal.levels.rowwise() - features.segment(marginal.first, marginal.levels.cols()))
      .rowwise()
      .squaredNorm()
      .minCoeff(&level);
  return marginal.log_density[static_cast<size_t>(level)];
}

VectorXd PointPrior::LogDensity(const MatrixXd& features, MatrixXd* gradients) const {
  VectorXd sums = VectorXd::Zero(features.rows());
  if (gradients != nullptr) gradients->setZero(features.rows(), features.cols());
  for (Index i = 0; i < features.rows(); ++i) {
    const RowVectorXd row = features.row(i);
    for (const Marginal& marginal : marginals_) {
      const double log_density = LogDensityOf(marginal, row);
      sums[i] += log_density;
      const bool slopes = flatten_.ScalarColumn(marginal.parameter) >= 0 && log_density < 0 && log_density > kLeast;
      if (gradients == nullptr || !slopes) continue;
      (*gradients)(i, marginal.first) = (marginal.centre - row[marginal.first]) / std::pow(marginal.deviation, 2);
    }
  }
  return sums;
}

void PointPrior::MoveToMode(UnitPoint& unit) const {
  for (const Marginal& marginal : marginals_) {
    const auto best = std::max_element(marginal.log_density.begin(), marginal.log_density.end());
    unit[marginal.parameter] = marginal.deviation > 0
                                   ? marginal.centre
                                   : flatten_.LevelCoordinate(marginal.parameter, best - marginal.log_density.begin());
  }
  flatten_.Snap(unit);
}

void PointPrior::MoveToQuantiles(UnitPoint& unit) const {
  for (const Marginal& marginal : marginals_) {
    const std::vector<double>& cumulative = marginal.cumulative;
    const double u = unit[marginal.parameter];
    const auto above = std::upper_bound(cumulative.begin() + 1, cumulative.end() - 1, u);
    const auto cell = above - cumulative.begin() - 1;
    if (marginal.deviation > 0) {
      const double share = (u - *(above - 1)) / (*above - *(above - 1));
      unit[marginal.parameter] = (static_cast<double>(cell) + share) / kCells;
    } else {
      unit[marginal.parameter] = flatten_.LevelCoordinate(marginal.parameter, cell);
    }
  }
}

VectorXd PriorAcquisition::Score(const MatrixXd& features) const {
  return inner_.Score(features) + weight_ * prior_.LogDensity(features);
}

VectorXd PriorAcquisition::Bound(const MatrixXd& features) const {
  return inner_.Bound(features) + weight_ * prior_.LogDensity(features);
}

VectorXd PriorAcquisition::ScoreWithGradient(const MatrixXd& features, MatrixXd& gradients) const {
  VectorXd scores = inner_.ScoreWithGradient(features, gradients);
  MatrixXd slopes;
  scores += weight_ * prior_.LogDensity(features, &slopes);
  gradients += weight_ * slopes;
  return scores;
}

}  // namespace photinus
