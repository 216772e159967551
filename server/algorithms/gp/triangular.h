// Dense triangular algebra that Eigen does in more flops than needed.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_TRIANGULAR_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_TRIANGULAR_H_

#include "Eigen/Core"

namespace photinus {

using MatrixBlock = Eigen::Ref<Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

// lower: [n, n], a lower triangular factor L with a non-zero diagonal. Its lower triangle becomes L^-1 in n^3/3 flops;
// the part above the diagonal is not touched.
void InvertLowerInPlace(MatrixBlock lower);

// lower: [n, n], L^-1 in its lower triangle. That becomes the lower triangle of L^-T L^-1 in n^3/3 flops; the part
// above the diagonal is not touched.
void GramOfLowerInPlace(MatrixBlock lower);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_TRIANGULAR_H_
