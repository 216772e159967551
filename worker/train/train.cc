#include "worker/train/train.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "worker/data/batch_loader.h"
#include "worker/data/random.h"
#include "worker/train/checkpoint.h"
#include "worker/train/device.h"
#include "worker/train/network.h"
#include "worker/train/optimizer.h"
#include "worker/train/quantize_network.h"
#include "worker/train/schedule.h"
#include "worker/train/threads.h"
#include "worker/train/torch_fault.h"

namespace photinus::train {
namespace {

using data::DataSet;
using data::Split;

// Threads that make batches, as far as there are threads to spare: a CPU trains a batch in milliseconds, a GPU many at
// once.
constexpr int kCpuLoaders = 1;
constexpr int kGpuLoaders = 4;

int LoaderThreads(const TrainOptions& options) {
  return std::min(options.device == "cpu" ? kCpuLoaders : kGpuLoaders, options.threads - 1);
}

constexpr int64_t kEvaluationBatch = 100;  // activations of a small network stay in the cache

// Validation clips first..last - 1 as one tensor on `device`.
Tensor LoadClips(const DataSet& data, int64_t first, int64_t last, const torch::Device& device) {
  Tensor batch = torch::empty({last - first, data.frames(), data.bins(), 1});
  for (int64_t i = first; i < last; ++i) {
    const std::span<const float> clip = data.Clip(Split::kValidation, static_cast<size_t>(i));
    std::copy(clip.begin(), clip.end(), batch.data_ptr<float>() + (i - first) * static_cast<int64_t>(clip.size()));
  }
  return batch.to(device);
}

// The classes that `forward` (batch to logits) finds for the validation clips.
template <typename Forward>
std::vector<int> Predict(const DataSet& data, const torch::Device& device, Forward&& forward) {
  const torch::NoGradGuard no_grad;
  const auto size = static_cast<int64_t>(data.Size(Split::kValidation));
  std::vector<int> predictions;
  for (int64_t first = 0; first < size; first += kEvaluationBatch) {
    const Tensor logits = forward(LoadClips(data, first, std::min(size, first + kEvaluationBatch), device));
    const Tensor classes = logits.argmax(1).cpu();
    for (int64_t i = 0; i < classes.size(0); ++i) predictions.push_back(static_cast<int>(classes[i].item<int64_t>()));
  }
  return predictions;
}

double Accuracy(const DataSet& data, const std::vector<int>& predictions) {
  int64_t right = 0;
  for (size_t i = 0; i < predictions.size(); ++i) right += predictions[i] == data.Label(Split::kValidation, i) ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(predictions.size());
}

Tensor SmoothedCrossEntropy(const Tensor& logits, const Tensor& labels, double smoothing) {
  const Tensor log_probabilities = torch::log_softmax(logits, 1);
  const Tensor right = log_probabilities.gather(1, labels.unsqueeze(1)).mean();
  return -((1 - smoothing) * right + smoothing * log_probabilities.mean());
}

// One training, from weights to integers.
class Training {
 public:
  // resumed: the state to go on with, of this very training.
  Training(const graph::Graph& graph, const DataSet& data, const TrainOptions& options, CheckpointFile& checkpoint,
           const std::optional<Checkpoint>& resumed)
      : data_(data),
        options_(options),
        network_(graph, data::DeriveSeed(options.seed, "weights", 0), torch::Device(options.device)),
        batches_(data, options.augmentation, data::DeriveSeed(options.seed, "batches", 0),
                 static_cast<size_t>(options.batch_size), LoaderThreads(options), resumed ? resumed->batches : 0),
        optimizer_(network_.values(), network_.gradients(), network_.decayed(), options.weight_decay),
        schedule_(CountBatches(), options.evaluations, options.learning_rate),
        checkpoint_(checkpoint),
        start_(std::chrono::steady_clock::now()) {
    if (resumed) Restore(*resumed);
  }

  Result<TrainedNetwork> Run(const std::function<void(const Evaluation&)>& report, const std::function<bool()>& stop) {
    if (report) std::for_each(result_.curve.begin(), result_.curve.end(), report);
    for (int64_t batch = first_batch_; batch < schedule_.total(); ++batch) {
      if (stop && stop()) {
        result_.stopped = true;
        checkpoint_.Write([&] { return State(batch); });
        break;
      }
      PHOTINUS_RETURN_IF_ERROR(TrainBatch(batch));
      for (int step = NextStep(); step <= options_.evaluations && schedule_.EvaluationPoint(step) == batch + 1;
           ++step) {
        result_.curve.push_back(Evaluate(step, batch + 1));
        if (report) report(result_.curve.back());
      }
      if (std::floor(Epochs(batch + 1)) > std::floor(Epochs(batch))) {
        checkpoint_.Write([&] { return State(batch + 1); });
      }
    }
    return Finish();
  }

 private:
  int NextStep() const { return static_cast<int>(result_.curve.size()) + 1; }

  // Passes over the training split in so many batches.
  double Epochs(int64_t batches) const {
    return static_cast<double>(batches) * options_.batch_size / static_cast<double>(data_.Size(Split::kTrain));
  }

  Checkpoint State(int64_t batches) const {
    Checkpoint state;
    state.batches = batches;
    state.values = ToVector(network_.values());
    state.optimizer = optimizer_.Remembered();
    for (const Tensor& statistic : network_.Statistics()) state.statistics.push_back(ToVector(statistic));
    state.ranges = network_.ranges();
    state.curve = result_.curve;
    state.loss_sum = loss_sum_;
    state.loss_count = loss_count_;
    state.fake_quantized = fake_quantized_;
    state.seconds = Elapsed();
    state.wait_seconds = WaitSeconds();
    return state;
  }

  void Restore(const Checkpoint& state) {
    first_batch_ = state.batches;
    result_.resumed_at = Epochs(state.batches);
    result_.curve = state.curve;
    CopyInto(state.values, network_.values());
    optimizer_.Remember(state.optimizer);
    std::vector<Tensor> statistics = network_.Statistics();
    for (size_t i = 0; i < statistics.size(); ++i) CopyInto(state.statistics.at(i), statistics[i]);
    network_.ranges() = state.ranges;
    loss_sum_ = state.loss_sum;
    loss_count_ = state.loss_count;
    fake_quantized_ = state.fake_quantized;
    seconds_before_ = state.seconds;
    wait_seconds_before_ = state.wait_seconds;
  }

  int64_t CountBatches() const {
    const double batches = options_.epochs * static_cast<double>(data_.Size(Split::kTrain)) / options_.batch_size;
    return std::max<int64_t>(1, std::llround(batches));
  }

  // Copies the next batch's labels into `labels` and returns its features.
  Tensor NextBatch(Tensor& labels) {
    const data::Batch batch = batches_.Next();
    Tensor features = torch::empty({options_.batch_size, data_.frames(), data_.bins(), 1});
    labels = torch::empty({options_.batch_size}, torch::kInt64);
    std::copy(batch.features.begin(), batch.features.end(), features.data_ptr<float>());
    std::copy(batch.labels.begin(), batch.labels.end(), labels.data_ptr<int64_t>());
    labels = labels.to(network_.device());
    return features.to(network_.device());
  }

  Result<void> TrainBatch(int64_t batch) {
    Tensor labels;
    const Tensor features = NextBatch(labels);
    const ForwardMode mode = {schedule_.UpdateStatistics(batch), schedule_.FakeQuantize(batch),
                              schedule_.ObserveRanges(batch)};
    const Tensor loss = SmoothedCrossEntropy(network_.Forward(features, mode), labels, options_.label_smoothing);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) {
      return InvalidArgument("diverged: the loss is not finite after " + std::to_string(batch) + " of " +
                             std::to_string(schedule_.total()) + " batches at a peak learning rate of " +
                             std::to_string(options_.learning_rate));
    }
    result_.predictions.clear();
    loss.backward();
    optimizer_.Step(schedule_.LearningRate(batch));
    loss_sum_ += value;
    ++loss_count_;
    fake_quantized_ = mode.fake_quantize;
    return {};
  }

  double Elapsed() const {
    return seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  double WaitSeconds() const { return wait_seconds_before_ + batches_.waited_seconds(); }

  // The network's classes for the validation clips.
  std::vector<int> Predictions(bool fake_quantize) {
    const ForwardMode mode = {.fake_quantize = fake_quantize};
    return Predict(data_, network_.device(), [&](const Tensor& input) { return network_.Forward(input, mode); });
  }

  Evaluation Evaluate(int step, int64_t batches) {
    Evaluation evaluation;
    evaluation.step = step;
    evaluation.epoch = Epochs(batches);
    result_.predictions = Predictions(fake_quantized_);
    evaluation.accuracy = Accuracy(data_, result_.predictions);
    evaluation.train_loss = loss_sum_ / static_cast<double>(std::max<int64_t>(1, loss_count_));
    evaluation.fake_quantized = fake_quantized_;
    evaluation.elapsed = Elapsed();
    loss_sum_ = 0;
    loss_count_ = 0;
    return evaluation;
  }

  // Observes the ranges of a network that was stopped before quantization-aware training began.
  void Calibrate() {
    const torch::NoGradGuard no_grad;
    constexpr int kBatches = 20;
    for (int i = 0; i < kBatches; ++i) {
      Tensor labels;
      network_.Forward(NextBatch(labels), {false, false, true});
    }
  }

  Result<TrainedNetwork> Finish() {
    if (!network_.ranges()[static_cast<size_t>(network_.graph().input)].seen) Calibrate();
    PHOTINUS_ASSIGN_OR_RETURN(result_.model, QuantizeNetwork(network_));
    const bool known = fake_quantized_ && !result_.predictions.empty();  // from the last evaluation
    if (!known) result_.predictions = Predictions(/*fake_quantize=*/true);
    result_.simulated_accuracy = Accuracy(data_, result_.predictions);
    result_.float_accuracy = Accuracy(data_, Predictions(/*fake_quantize=*/false));
    result_.seconds = Elapsed();
    result_.wait_seconds = WaitSeconds();
    return std::move(result_);
  }

  const DataSet& data_;
  const TrainOptions options_;
  Network network_;
  data::BatchLoader batches_;
  AdamW optimizer_;
  const Schedule schedule_;
  CheckpointFile& checkpoint_;
  const std::chrono::steady_clock::time_point start_;
  TrainedNetwork result_;
  int64_t first_batch_ = 0;  // what was before is from a checkpoint
  double seconds_before_ = 0;
  double wait_seconds_before_ = 0;
  double loss_sum_ = 0;  // since the last evaluation
  int64_t loss_count_ = 0;
  bool fake_quantized_ = false;  // whether the last batch was
};

Result<void> CheckOptions(const graph::Graph& graph, const DataSet& data, const TrainOptions& options) {
  PHOTINUS_RETURN_IF_ERROR(graph::ValidateGraph(graph));
  const graph::Dims input = {1, data.frames(), data.bins(), 1};
  if (graph.tensors[static_cast<size_t>(graph.input)].dims != input) {
    return InvalidArgument("the network's input must be " + std::to_string(data.frames()) + " x " +
                           std::to_string(data.bins()) + " x 1");
  }
  if (graph.tensors[static_cast<size_t>(graph.output)].dims.back() != static_cast<int>(data.Classes().size())) {
    return InvalidArgument("the network must have " + std::to_string(data.Classes().size()) + " classes");
  }
  return CheckDevice(options.device);
}

}  // namespace

Result<TrainedNetwork> Train(const graph::Graph& graph, const DataSet& data, const TrainOptions& options,
                             const std::function<void(const Evaluation&)>& report, const std::function<bool()>& stop) {
  return CatchFaults<TrainedNetwork>([&]() -> Result<TrainedNetwork> {
    PHOTINUS_RETURN_IF_ERROR(CheckOptions(graph, data, options));
    LimitThreads(options.threads - LoaderThreads(options));
    MakeRepeatable();
    CheckpointFile checkpoint(options.checkpoint, TrainingFingerprint(graph, data, options));
    const std::optional<Checkpoint> resumed = checkpoint.Read();
    return Training(graph, data, options, checkpoint, resumed).Run(report, stop);
  });
}

Result<graph::QuantizedModel> QuantizeUntrained(const graph::Graph& graph, uint64_t seed) {
  return CatchFaults<graph::QuantizedModel>([&]() -> Result<graph::QuantizedModel> {
    PHOTINUS_RETURN_IF_ERROR(graph::ValidateGraph(graph));
    LimitThreads(1);
    const torch::NoGradGuard no_grad;
    Network network(graph, data::DeriveSeed(seed, "weights", 0), torch::Device("cpu"));
    data::Random random(data::DeriveSeed(seed, "calibration", 0));
    const graph::Dims& dims = graph.tensors[static_cast<size_t>(graph.input)].dims;
    std::vector<int64_t> sizes(dims.begin(), dims.end());
    sizes[0] = 32;
    Tensor noise = torch::empty(sizes);
    std::generate_n(noise.data_ptr<float>(), noise.numel(), [&] { return static_cast<float>(random.Normal()); });
    network.Forward(noise, {/*batch_statistics=*/true, false, false});
    network.Forward(noise, {false, false, /*observe=*/true});
    return QuantizeNetwork(network);
  });
}

std::string TorchVersion() { return kTorchVersion; }

}  // namespace photinus::train
