#ifndef PHOTINUS_WORKER_PREDICTOR_ENERGY_MODEL_H_
#define PHOTINUS_WORKER_PREDICTOR_ENERGY_MODEL_H_

#include <string>
#include <string_view>

#include "worker/base/result.h"
#include "worker/predictor/features.h"
#include "worker/predictor/random_forest.h"

namespace photinus::predictor {

// What a model was made from.
struct ModelOrigin {
  std::string space;   // whose networks it knows
  std::string meter;   // what measured them
  std::string runner;  // of the inferences that it measured; empty where a device is simulated
  int networks = 0;    // that it was trained on
  double rmse = 0;     // in mJ, on networks that it was not trained on
};

// Predicts the energy of the networks of one space.
class EnergyModel {
 public:
  // InvalidArgument: the forest has another number of features; NotFound: no such space (lists the known ones).
  static Result<EnergyModel> Of(ModelOrigin origin, Encoding encoding, RandomForest forest);

  // A file that Write wrote. NotFound, Unavailable; InvalidArgument when it is damaged, of another version, or made for
  // other parameters than its space has now. Messages name the file.
  static Result<EnergyModel> Read(const std::string& path);
  Result<void> Write(const std::string& path) const;

  const ModelOrigin& origin() const { return origin_; }
  const Features& features() const { return features_; }
  const RandomForest& forest() const { return forest_; }

  // Millijoules per inference. InvalidArgument: as Features::Row says.
  Result<double> Predict(const Network& network) const;

 private:
  EnergyModel(ModelOrigin origin, Encoding encoding, Features features, RandomForest forest);

  static Result<EnergyModel> Parse(std::string_view content);

  ModelOrigin origin_;
  Encoding encoding_;
  Features features_;
  RandomForest forest_;
};

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_ENERGY_MODEL_H_
