#ifndef PHOTINUS_WORKER_TRIAL_DATA_COMMAND_H_
#define PHOTINUS_WORKER_TRIAL_DATA_COMMAND_H_

#include <filesystem>
#include <functional>
#include <string>

#include "worker/base/result.h"
#include "worker/data/data_set.h"

namespace photinus::trial {

// What a trial or an operator wants to be there.
struct DataRequest {
  std::filesystem::path data_dir;
  std::string task = "keywords";
  std::filesystem::path folder;  // of the user's clips, where the task needs one
  int frames = 49;
  data::FeatureKind features = data::FeatureKind::kLogMel;
  int threads = 0;  // that make what is missing; 0: as many as there are cores
};

// Opens a task's data set with the default seed, making what is missing with a progress line on stderr. verify: also
// read or make every clip again and compare. Errors: those of data::DataSet::Open; Unavailable, too, where this machine
// has too little memory or too few threads for the data set, for which the network is not to blame.
Result<data::DataSet> OpenData(const DataRequest& request, bool verify, const std::function<bool()>& stop);

// `photinus-trial data`: the same ahead of time. Prints what lies where.
Result<void> RunDataCommand(const DataRequest& request, const std::function<bool()>& stop);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_DATA_COMMAND_H_
