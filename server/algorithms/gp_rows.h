// The trials in a GP, and the factor of their covariance, kept between suggestions.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_ROWS_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_ROWS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "server/algorithms/gp/factor.h"
#include "server/algorithms/gp/kernel.h"

namespace photinus {

// Trials in the order of their rows: the base of the fit, then newer ones.
struct GpRows {
  std::vector<int64_t> ids;
  Eigen::MatrixXd features;  // [n, F]
  size_t base = 0;           // so many are of the base
};

// The factor of the last rows that were asked for. Bringing it to others costs what changed after their common
// beginning, and gives bit for bit what making it anew gives.
class GpFactor {
 public:
  // nullptr if the covariance cannot be factored. The factor is the caller's to look at until the next call.
  const Factor* At(const GpRows& rows, const FeatureGroups& groups, const KernelParameters& parameters);
  // The factor of the last call, with one more row.
  const Factor* Append(int64_t id, const Eigen::VectorXd& features);

  // Rows that were made anew or appended.
  int64_t rows_made() const { return rows_made_; }
  size_t bytes() const;

 private:
  size_t CommonRows(const GpRows& rows, const KernelParameters& parameters) const;

  std::optional<Factor> factor_;
  KernelParameters parameters_;  // as asked for
  GpRows rows_;
  int64_t rows_made_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_ROWS_H_
