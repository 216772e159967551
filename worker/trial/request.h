#ifndef PHOTINUS_WORKER_TRIAL_REQUEST_H_
#define PHOTINUS_WORKER_TRIAL_REQUEST_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/spaces/space.h"
#include "worker/base/result.h"
#include "worker/data/augmentation.h"
#include "worker/data/feature_scale.h"

namespace photinus::trial {

struct NetworkInput {
  int height = 0;
  int width = 0;
};

// What the agent asks for, in one line of JSON. docs/trial-protocol.md describes the protocol.
struct Request {
  std::string trial;  // resource name, for profiles and messages
  int attempt = 1;
  spaces::ParameterValues parameters;
  std::optional<std::string> architecture;  // JSON text; overrides the parameters' network
  std::optional<NetworkInput> input;        // that the architecture is to take, and then the task's classes, too
  std::string role;  // what the trial is for, besides the search; then the test set is looked at, too
  std::string task = "keywords";
  std::filesystem::path folder;  // of the user's clips, where the task needs one
  data::FeatureKind features = data::FeatureKind::kLogMel;
  data::Augmentation augmentation = {3, 1, 0, 0};  // without a frequency shift for MFCCs
  std::string space;
  double epochs = 8;
  int evaluations = 12;
  uint64_t seed = 1;
  std::string device = "cpu";
  int threads = 1;                   // of training, its batches included, and of the making of missing data
  std::string energy;                // what predicts energy_mj (worker/predictor/energy_source.h); empty: nothing does
  std::vector<std::string> monitor;  // program and arguments of the power monitor that measures it anew
  std::filesystem::path data_dir;
  std::filesystem::path work_dir;
  std::filesystem::path checkpoint_dir;  // what an attempt leaves there the next one finds; empty: there is none

  // The parameter `lr`, where the trial has none `otherwise`.
  Result<double> LearningRate(double otherwise) const;
};

// InvalidArgument for text that is no JSON object, a missing or unusable member; the message names it. Members that
// this version does not know are passed over.
Result<Request> ParseRequest(std::string_view line);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_REQUEST_H_
