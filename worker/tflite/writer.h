#ifndef PHOTINUS_WORKER_TFLITE_WRITER_H_
#define PHOTINUS_WORKER_TFLITE_WRITER_H_

#include <cstdint>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"

namespace photinus::tflite {

// Which activations a file lists as its outputs: the network's, or every one (to compare layers with a real runtime;
// the bytes differ only in that list).
enum class Outputs { kNetwork, kEveryActivation };

// A deployed network as the bytes of a .tflite file (schema version 3, int8 in and out). Equal models give equal
// bytes on every machine. InvalidArgument when the model does not pass ValidateModel.
Result<std::vector<std::uint8_t>> WriteTflite(const graph::QuantizedModel& model, Outputs outputs = Outputs::kNetwork);

// How many bytes the file of a network will have, exactly, whatever its weights will be: known before training.
// InvalidArgument when the graph is not valid.
Result<std::int64_t> TfliteFileSize(const graph::Graph& graph);

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_WRITER_H_
