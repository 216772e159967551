#ifndef PHOTINUS_WORKER_TRIAL_PROFILE_H_
#define PHOTINUS_WORKER_TRIAL_PROFILE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "worker/graph/architecture.h"
#include "worker/graph/graph.h"
#include "worker/train/train.h"
#include "worker/trial/measured_energy.h"
#include "worker/trial/request.h"
#include "worker/xnnpack/model_latency.h"

namespace photinus::trial {

// All that is known of one trained network.
struct Profile {
  const Request& request;
  const graph::Architecture& architecture;
  const graph::Graph& graph;
  const train::TrainedNetwork& trained;
  double learning_rate = 0;
  int batch_size = 0;
  int64_t size_bytes = 0;
  double int8_accuracy = 0;       // validation split, from the file's bytes
  double int8_agreement = 0;      // of the file's predictions with those of the simulation in training
  double int8_test_accuracy = 0;  // test split; a metric of trials with a role alone, which no search learns from
  bool synthetic_data = true;
  size_t validation_clips = 0;
  size_t test_clips = 0;
  double data_seconds = 0;                       // to open, or to make, the data set
  double evaluation_seconds = 0;                 // of the file
  std::optional<xnnpack::ModelLatency> latency;  // of the file; nothing where it could not be measured
  std::optional<TrialEnergy> energy;             // nothing where the request names no source
  double total_seconds = 0;
};

// The artifact profile.json.
std::string ProfileJson(const Profile& profile);

// The artifact curves.json: one entry per evaluation.
std::string CurvesJson(const train::TrainedNetwork& trained);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_PROFILE_H_
