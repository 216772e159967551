// Which trials of a large study a model learns from.
#ifndef PHOTINUS_SERVER_ANALYSIS_MODEL_ROWS_H_
#define PHOTINUS_SERVER_ANALYSIS_MODEL_ROWS_H_

#include <vector>

#include "Eigen/Core"

namespace photinus {

struct ModelRows {
  // Each as far from those before it as can be [Gonzalez 1985]: any first few of them fill the space, wherever a search
  // has put most of its trials.
  std::vector<Eigen::Index> spread;
  // Those, and after each of them one of an even share of the others, which are where the search was. None twice.
  std::vector<Eigen::Index> all;
};

// All rows of features, [n, F], or, of more than `limit`, that many, half of them spread. Takes n * limit * F steps,
// and no more than for kMaxCandidates rows, among which, evenly spaced, the spread ones are chosen. Deterministic.
inline constexpr Eigen::Index kMaxCandidates = 20'000;
ModelRows ChooseModelRows(const Eigen::MatrixXd& features, Eigen::Index limit);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ANALYSIS_MODEL_ROWS_H_
