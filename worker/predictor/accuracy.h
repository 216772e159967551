#ifndef PHOTINUS_WORKER_PREDICTOR_ACCURACY_H_
#define PHOTINUS_WORKER_PREDICTOR_ACCURACY_H_

#include <Eigen/Core>

namespace photinus::predictor {

// How good predictions are.
struct Accuracy {
  double r2 = 0;    // 1 - sum of squared errors / sum of squared deviations from the targets' mean
  double rmse = 0;  // root of the mean squared error, in the targets' unit
};

// predictions and targets: [rows], at least one; r2 is 0 where all targets are equal.
Accuracy AccuracyOf(const Eigen::VectorXd& predictions, const Eigen::VectorXd& targets);

// Pearson's correlation of two samples of one size; 0 where one does not vary.
double Correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_ACCURACY_H_
