#include "server/algorithms/gp_rows.h"

#include <algorithm>

namespace photinus {
namespace {

using Eigen::Index;

bool Equal(const KernelParameters& a, const KernelParameters& b) {
  return a.lengthscales.size() == b.lengthscales.size() && a.lengthscales == b.lengthscales &&
         a.signal_variance == b.signal_variance && a.noise_variance == b.noise_variance &&
         a.trend_variance == b.trend_variance && a.trend == b.trend && a.input_warp == b.input_warp;
}

}  // namespace

// 0 unless the base is the same: the first rows were factored together.
size_t GpFactor::CommonRows(const GpRows& rows, const KernelParameters& parameters) const {
  if (!factor_.has_value() || rows.base != rows_.base || !Equal(parameters, parameters_)) return 0;
  if (rows.features.cols() != rows_.features.cols()) return 0;
  const size_t most = std::min(rows.ids.size(), rows_.ids.size());
  size_t common = 0;
  while (common < most && rows.ids[common] == rows_.ids[common] &&
         rows.features.row(static_cast<Index>(common)) == rows_.features.row(static_cast<Index>(common))) {
    ++common;
  }
  return common < rows.base ? 0 : common;
}

const Factor* GpFactor::At(const GpRows& rows, const FeatureGroups& groups, const KernelParameters& parameters) {
  size_t known = CommonRows(rows, parameters);
  if (known == 0) {
    // Without a base the first row is one.
    known = std::min(std::max<size_t>(rows.base, 1), rows.ids.size());
    factor_ = Factor::Make(rows.features.topRows(static_cast<Index>(known)), groups, parameters);
    if (!factor_.has_value()) return nullptr;
    parameters_ = parameters;
    rows_made_ += static_cast<int64_t>(known);
  } else {
    factor_->Truncate(static_cast<Index>(known));
  }
  rows_ = rows;
  for (; known < rows.ids.size(); ++known) {
    factor_->Append(rows.features.row(static_cast<Index>(known)));
    ++rows_made_;
  }
  return &*factor_;
}

const Factor* GpFactor::Append(int64_t id, const Eigen::VectorXd& features) {
  rows_.ids.push_back(id);
  rows_.features.conservativeResize(rows_.features.rows() + 1, Eigen::NoChange);
  rows_.features.bottomRows(1) = features.transpose();
  factor_->Append(features);
  ++rows_made_;
  return &*factor_;
}

size_t GpFactor::bytes() const {
  return factor_.has_value() ? factor_->bytes() + sizeof(double) * static_cast<size_t>(rows_.features.size()) : 0;
}

}  // namespace photinus
