#ifndef PHOTINUS_WORKER_DATA_TASK_H_
#define PHOTINUS_WORKER_DATA_TASK_H_

#include <string>
#include <string_view>

#include "worker/base/result.h"
#include "worker/data/mix.h"
#include "worker/data/voices.h"

namespace photinus::data {

// The size and the difficulty of a generated data set. A study's `task` names one.
struct Task {
  std::string name;
  int train_clips = 0;
  int validation_clips = 0;
  int test_clips = 0;
  MixOptions mix;

  int ClipCount(Split split) const;
  size_t TotalClips() const;
};

// `keywords` (what searches use) or `smoke` (a few clips, for tests). InvalidArgument, listing the names, for any
// other.
Result<Task> FindTask(std::string_view name);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_TASK_H_
