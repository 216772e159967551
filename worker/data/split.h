#ifndef PHOTINUS_WORKER_DATA_SPLIT_H_
#define PHOTINUS_WORKER_DATA_SPLIT_H_

#include <string_view>

namespace photinus::data {

// The parts of a data set: what networks learn from, what a search compares them by, and what it never sees.
enum class Split { kTrain, kValidation, kTest };
inline constexpr Split kSplits[] = {Split::kTrain, Split::kValidation, Split::kTest};

// "train", "validation" or "test".
std::string_view SplitName(Split split);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_SPLIT_H_
