#include "server/analysis/model_rows.h"

#include <algorithm>
#include <limits>
#include <set>

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

std::vector<Index> SpreadRows(const MatrixXd& features, Index count) {
  const Index n = features.rows(), candidates = std::min(n, kMaxCandidates);
  std::vector<Index> places(static_cast<size_t>(candidates));
  for (Index i = 0; i < candidates; ++i) places[static_cast<size_t>(i)] = i * n / candidates;
  const MatrixXd points = features(places, Eigen::all);
  std::vector<Index> rows;
  VectorXd distance = VectorXd::Constant(candidates, std::numeric_limits<double>::infinity());
  Index next = 0;
  while (static_cast<Index>(rows.size()) < std::min(count, candidates)) {
    rows.push_back(places[static_cast<size_t>(next)]);
    distance = distance.cwiseMin((points.rowwise() - points.row(next)).rowwise().squaredNorm());
    distance[next] = -1;  // repeats of a point are taken last, once each
    distance.maxCoeff(&next);
  }
  return rows;
}

std::vector<Index> Without(const std::vector<Index>& rows, Index n) {
  const std::set<Index> taken(rows.begin(), rows.end());
  std::vector<Index> others;
  for (Index row = 0; row < n; ++row) {
    if (taken.count(row) == 0) others.push_back(row);
  }
  return others;
}

}  // namespace

ModelRows ChooseModelRows(const MatrixXd& features, Index limit) {
  const Index n = features.rows();
  ModelRows rows{.spread = SpreadRows(features, n <= limit ? n : limit / 2), .all = {}};
  const std::vector<Index> others = Without(rows.spread, n);
  const size_t count = std::min(rows.spread.size(), others.size());
  for (size_t i = 0; i < rows.spread.size(); ++i) {
    rows.all.push_back(rows.spread[i]);
    if (i < count) rows.all.push_back(others[i * others.size() / count]);
  }
  return rows;
}

}  // namespace photinus
