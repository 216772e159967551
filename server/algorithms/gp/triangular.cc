#include "server/algorithms/gp/triangular.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::Lower;

constexpr Index kBlock = 24;  // below it, plain loops

void InvertSmall(MatrixBlock lower) {
  const Index n = lower.rows();
  for (Index j = 0; j < n; ++j) {
    lower(j, j) = 1 / lower(j, j);
    for (Index i = j + 1; i < n; ++i) {
      double sum = 0;
      for (Index k = j; k < i; ++k) sum += lower(i, k) * lower(k, j);
      lower(i, j) = -sum / lower(i, i);  // row i is still L's: its diagonal is inverted when j gets there
    }
  }
}

void GramSmall(MatrixBlock lower) {
  const Index n = lower.rows();
  for (Index j = 0; j < n; ++j) {
    for (Index i = j; i < n; ++i) lower(i, j) = lower.col(i).tail(n - i).dot(lower.col(j).tail(n - i));
  }
}

}  // namespace

// [A 0; B C]^-1 = [A^-1 0; -C^-1 B A^-1, C^-1]. Plain Ref arguments keep the recursion one instantiation.
void InvertLowerInPlace(MatrixBlock lower) {
  const Index n = lower.rows();
  if (n <= kBlock) return InvertSmall(lower);
  const Index half = n / 2;
  MatrixBlock a = lower.topLeftCorner(half, half);
  MatrixBlock b = lower.bottomLeftCorner(n - half, half);
  MatrixBlock c = lower.bottomRightCorner(n - half, n - half);
  InvertLowerInPlace(a);
  InvertLowerInPlace(c);
  Eigen::MatrixXd product = c.triangularView<Lower>() * b;
  b.noalias() = -(product * a.triangularView<Lower>());
}

// [A 0; B C]^T [A 0; B C] = [A'A + B'B, .; C'B, C'C].
void GramOfLowerInPlace(MatrixBlock lower) {
  const Index n = lower.rows();
  if (n <= kBlock) return GramSmall(lower);
  const Index half = n / 2;
  MatrixBlock a = lower.topLeftCorner(half, half);
  MatrixBlock b = lower.bottomLeftCorner(n - half, half);
  MatrixBlock c = lower.bottomRightCorner(n - half, n - half);
  GramOfLowerInPlace(a);
  a.selfadjointView<Lower>().rankUpdate(b.transpose());
  const Eigen::MatrixXd product = c.triangularView<Lower>().transpose() * b;
  b = product;
  GramOfLowerInPlace(c);
}

}  // namespace photinus
