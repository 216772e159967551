#ifndef PHOTINUS_WORKER_TRIAL_INT8_ACCURACY_H_
#define PHOTINUS_WORKER_TRIAL_INT8_ACCURACY_H_

#include <cstdint>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/data_set.h"

namespace photinus::trial {

// The classes that a .tflite file finds for the clips of a split, computed from the file's bytes by the integer
// interpreter with the rounding of current runtimes (XNNPACK). Errors: those of tflite::Interpreter::FromFile.
Result<std::vector<int>> PredictInt8(const std::vector<uint8_t>& tflite, const data::DataSet& data, data::Split split);

// The share of a split's clips whose class is the predicted one.
double Accuracy(const std::vector<int>& predictions, const data::DataSet& data, data::Split split);

// The share of clips on which two lists of predictions agree.
double Agreement(const std::vector<int>& a, const std::vector<int>& b);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_INT8_ACCURACY_H_
