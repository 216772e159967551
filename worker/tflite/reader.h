#ifndef PHOTINUS_WORKER_TFLITE_READER_H_
#define PHOTINUS_WORKER_TFLITE_READER_H_

#include <cstdint>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"

namespace photinus::tflite {

// The network in the bytes of a .tflite file: ReadTflite(WriteTflite(model)) == model. Reads what WriteTflite writes,
// and files of other tools as far as they keep to the same int8 operators: one subgraph with one input and one output,
// batch 1, no dilation. The bytes are verified before anything is read from them; InvalidArgument for every malformed
// or unsupported file, with the tensor or operator and the reason. Thread-safe.
Result<graph::QuantizedModel> ReadTflite(const std::vector<std::uint8_t>& bytes);

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_READER_H_
