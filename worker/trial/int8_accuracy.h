#ifndef PHOTINUS_WORKER_TRIAL_INT8_ACCURACY_H_
#define PHOTINUS_WORKER_TRIAL_INT8_ACCURACY_H_

#include <cstdint>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/data_set.h"

namespace photinus::trial {

// The classes that a .tflite file finds for the clips of a split, computed from the file's bytes as current runtimes
// do: by XNNPACK, checked on a few clips against the interpreter, or by the interpreter where there is no XNNPACK.
// Errors: those of tflite::ReadTflite and xnnpack::NewFastestRunner; InvalidArgument: the clips do not fit the network;
// Unavailable: XNNPACK computes something else on this machine.
Result<std::vector<int>> PredictInt8(const std::vector<uint8_t>& tflite, const data::DataSet& data, data::Split split);

// The share of a split's clips whose class is the predicted one.
double Accuracy(const std::vector<int>& predictions, const data::DataSet& data, data::Split split);

// The share of clips on which two lists of predictions agree.
double Agreement(const std::vector<int>& a, const std::vector<int>& b);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_INT8_ACCURACY_H_
