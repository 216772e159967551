#ifndef PHOTINUS_WORKER_TRAIN_TRAIN_H_
#define PHOTINUS_WORKER_TRAIN_TRAIN_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/augmentation.h"
#include "worker/data/data_set.h"
#include "worker/graph/graph.h"
#include "worker/graph/quantized_model.h"

// The door of the libtorch rooms: no libtorch type in here, no exception out of here.
namespace photinus::train {

// Where a training leaves its state, so that another process can go on with it.
struct CheckpointOptions {
  std::filesystem::path path;                    // a file, made with its folder; empty: nowhere
  std::string identity;                          // of the training, besides its network, data and options
  std::function<void(const std::string&)> warn;  // told once where a checkpoint cannot be used or written
};

struct TrainOptions {
  double epochs = 8;            // passes over the training split
  int evaluations = 12;         // measurements of validation accuracy, evenly spaced
  double learning_rate = 4e-3;  // the peak
  int batch_size = 32;
  double weight_decay = 1e-2;
  double label_smoothing = 0.1;
  data::Augmentation augmentation = {3, 1, 0, 0};
  uint64_t seed = 1;
  std::string device = "cpu";  // or "cuda:N"
  int threads = 1;             // that may run at once: of several, one makes the batches (on a GPU up to four)
  CheckpointOptions checkpoint;
};

// One point of the learning curve.
struct Evaluation {
  int step = 0;           // 1..evaluations
  double epoch = 0;       // passes over the training split so far
  double elapsed = 0;     // seconds since training began
  double accuracy = 0;    // on the validation split, as the network runs in training at that point
  double train_loss = 0;  // mean since the last point
  bool fake_quantized = false;
};

struct TrainedNetwork {
  graph::QuantizedModel model;
  std::vector<Evaluation> curve;
  double float_accuracy = 0;      // on the validation split, without any rounding
  double simulated_accuracy = 0;  // the same, fake-quantized: with the rounding of int8 as training simulates it
  std::vector<int> predictions;   // of the fake-quantized network, one class per validation clip
  double seconds = 0;
  double wait_seconds = 0;  // of them, spent waiting for batches
  bool stopped = false;     // ended early by `stop`
  double resumed_at = 0;    // the epochs that it found done in a checkpoint
};

// Trains a network from scratch: AdamW, warm-up and cosine, quantization-aware in the last third (schedule.h), and
// turns it into integers. Equal arguments give equal results on one machine, if one thread computes (threads <= 2).
// At the end of each epoch, and when told to stop, it writes a checkpoint; one that the same training left (of equal
// arguments, but for device and threads) it goes on with, to the same result, and any other it passes over. The file is
// left to the caller. report: called after each evaluation, those of the checkpoint included. stop: asked before each
// batch; once true, what has been learned so far is quantized and returned. Catches what libtorch throws.
// InvalidArgument: the network's fault ("diverged: ...", "out of memory: ..."). Unavailable: no such device, or the
// device failed.
Result<TrainedNetwork> Train(const graph::Graph& graph, const data::DataSet& data, const TrainOptions& options,
                             const std::function<void(const Evaluation&)>& report, const std::function<bool()>& stop);

// An untrained network as integers: weights drawn from `seed`, activation ranges calibrated on normal noise drawn from
// it.
Result<graph::QuantizedModel> QuantizeUntrained(const graph::Graph& graph, uint64_t seed);

// The version of libtorch, for profiles: "1.13.1".
std::string TorchVersion();

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_TRAIN_H_
