#ifndef PHOTINUS_WORKER_TRAIN_CHECKPOINT_H_
#define PHOTINUS_WORKER_TRAIN_CHECKPOINT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/data_set.h"
#include "worker/graph/graph.h"
#include "worker/train/fake_quant.h"
#include "worker/train/optimizer.h"
#include "worker/train/train.h"

namespace photinus::train {

// A training between two batches. What is not here follows from its arguments: the seed and the number of batches say
// which examples come next, and how they are changed.
struct Checkpoint {
  int64_t batches = 0;        // done
  std::vector<float> values;  // Network::values
  AdamW::Memory optimizer;
  std::vector<std::vector<float>> statistics;  // Network::Statistics
  std::vector<Range> ranges;                   // Network::ranges
  std::vector<Evaluation> curve;               // so far
  double loss_sum = 0;                         // since the last evaluation
  int64_t loss_count = 0;
  bool fake_quantized = false;  // whether the last batch was
  double seconds = 0;           // of training, and
  double wait_seconds = 0;      // of waiting for batches, so far
};

// Names everything that the state of a training follows from: its identity, network, data, options (but for the device
// and the number of threads) and the version of libtorch. 64 digits.
std::string TrainingFingerprint(const graph::Graph& graph, const data::DataSet& data, const TrainOptions& options);

// A checkpoint as bytes, with its training's fingerprint and a checksum, and back. InvalidArgument: the bytes are cut,
// altered, of another version or of another training.
std::string EncodeCheckpoint(const Checkpoint& checkpoint, std::string_view fingerprint);
Result<Checkpoint> DecodeCheckpoint(std::string_view bytes, std::string_view fingerprint);

// The file of one training's latest checkpoint. Trouble with it never ends a training: it warns. Not thread-safe.
class CheckpointFile {
 public:
  CheckpointFile(CheckpointOptions options, std::string fingerprint);

  // Nothing where there is no file, or none of this training.
  std::optional<Checkpoint> Read();

  // Replaces the file in one step, with what `state` returns; once it returns, a power failure cannot take that back.
  // Does nothing where none is wanted.
  void Write(const std::function<Checkpoint()>& state);

 private:
  void Warn(const std::string& fault);

  const CheckpointOptions options_;
  const std::string fingerprint_;
  bool warned_ = false;
};

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_CHECKPOINT_H_
