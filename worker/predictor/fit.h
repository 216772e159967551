#ifndef PHOTINUS_WORKER_PREDICTOR_FIT_H_
#define PHOTINUS_WORKER_PREDICTOR_FIT_H_

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "worker/base/parallel.h"
#include "worker/base/result.h"
#include "worker/predictor/accuracy.h"
#include "worker/predictor/cross_validation.h"
#include "worker/predictor/energy_model.h"
#include "worker/predictor/measurements.h"

namespace photinus::predictor {

struct FitOptions {
  Encoding encoding = Encoding::kOneHot;
  std::uint32_t seed = 1;
  int threads = 1;
  int trees = 100;
  int folds = 10;
  std::vector<ForestOptions> grid;  // empty: DefaultGrid
  ProgressFunction progress;        // of the cross-validation
};

// How much a feature matters: a parameter, with all of its columns, or flops or size_bytes.
struct Importance {
  std::string source;
  double impurity = 0;     // RandomForest::Importances, summed over its columns
  double permutation = 0;  // by how much the mean squared error on the test networks grows when they exchange its
                           // values, as a share of their variance [Breiman 2001, section 10]
};

// What became of a fit. Vectors have one entry per test network.
struct FitResult {
  int train_networks = 0;
  std::vector<TunedForest> tuned;  // the grid
  ForestOptions chosen;
  Accuracy forest, linear;              // on the test networks, against what was measured of them
  double noise = 0;                     // EnergyNoise of all measurements; 0: nothing was measured twice
  std::vector<Importance> importances;  // descending by impurity
  Eigen::VectorXd measured_mj, forest_mj, linear_mj;
};

struct FittedModel {
  EnergyModel model;
  FitResult result;
};

// Tunes a forest on a share of the networks by cross-validation, trains the best one on all of them, and tells how it
// does on the rest, beside a linear model. Equal measurements, options and seed give an equal model.
// InvalidArgument: too few networks, or what was measured does not fit the space; NotFound: no such space.
Result<FittedModel> FitEnergyModel(const Measurements& measurements, const FitOptions& options);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_FIT_H_
