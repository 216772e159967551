#include "worker/train/checkpoint.h"

#include <cstring>
#include <ios>
#include <sstream>
#include <type_traits>
#include <utility>

#include "worker/base/file.h"
#include "worker/data/sha256.h"

namespace photinus::train {
namespace {

// The end is the version of the format.
constexpr std::string_view kMagic = "photinus training 1\n";
constexpr size_t kDigestSize = 64;

// Appends numbers as they lie in memory: a checkpoint is for machines of one kind.
class Writer {
 public:
  template <typename T>
  void operator()(const T& value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  template <typename T, typename Each>
  void List(const std::vector<T>& list, Each&& each) {
    (*this)(static_cast<uint64_t>(list.size()));
    for (const T& item : list) each(item);
  }
  void operator()(const std::vector<float>& numbers) {
    (*this)(static_cast<uint64_t>(numbers.size()));
    bytes_.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Its mirror image. What is not there any more is 0, and the reader no longer whole.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  void operator()(T& value) {
    static_assert(std::is_arithmetic_v<T>);
    Copy(&value, sizeof(value));
  }
  template <typename T, typename Each>
  void List(std::vector<T>& list, Each&& each) {
    for (uint64_t left = Count(1); left > 0 && whole_; --left) each(list.emplace_back());
  }
  void operator()(std::vector<float>& numbers) {
    numbers.resize(Count(sizeof(float)));
    Copy(numbers.data(), numbers.size() * sizeof(float));
  }
  bool IsAtEnd() const { return whole_ && rest_.empty(); }

 private:
  // How many items follow, of at least so many bytes each.
  size_t Count(size_t item) {
    uint64_t count = 0;
    (*this)(count);
    if (count > rest_.size() / item) whole_ = false;
    return whole_ ? static_cast<size_t>(count) : 0;
  }
  void Copy(void* to, size_t size) {
    whole_ = whole_ && size <= rest_.size();
    if (!whole_ || size == 0) return;
    std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  bool whole_ = true;
};

// Every number of a checkpoint in the order of the file, for Writer and Reader alike.
template <typename Archive, typename State>
void Walk(Archive& archive, State& state) {
  archive(state.batches);
  archive(state.values);
  archive(state.optimizer.mean);
  archive(state.optimizer.square);
  archive(state.optimizer.steps);
  archive.List(state.statistics, [&](auto& numbers) { archive(numbers); });
  archive.List(state.ranges, [&](auto& range) {
    archive(range.low);
    archive(range.high);
    archive(range.seen);
    archive(range.fixed);
  });
  archive.List(state.curve, [&](auto& evaluation) {
    archive(evaluation.step);
    archive(evaluation.epoch);
    archive(evaluation.elapsed);
    archive(evaluation.accuracy);
    archive(evaluation.train_loss);
    archive(evaluation.fake_quantized);
  });
  archive(state.loss_sum);
  archive(state.loss_count);
  archive(state.fake_quantized);
  archive(state.seconds);
  archive(state.wait_seconds);
}

// Whatever the network is: the optimizer remembers two numbers for each value.
bool FitsTogether(const Checkpoint& checkpoint) {
  const size_t values = checkpoint.values.size();
  return checkpoint.batches >= 0 && checkpoint.optimizer.steps >= 0 && checkpoint.optimizer.mean.size() == values &&
         checkpoint.optimizer.square.size() == values;
}

void Describe(const graph::Graph& graph, std::ostream& out) {
  for (const graph::Tensor& tensor : graph.tensors) {
    out << "tensor";
    for (const int size : tensor.dims) out << ' ' << size;
    out << '\n';
  }
  for (const graph::Op& op : graph.ops) {
    out << graph::OpTypeName(op.type) << ' ' << op.output << ' ' << static_cast<int>(op.activation) << ' ' << op.filters
        << ' ' << op.kernel_h << ' ' << op.kernel_w << ' ' << op.stride_h << ' ' << op.stride_w << ' '
        << static_cast<int>(op.padding) << ' ' << op.batch_norm << " of";
    for (const int input : op.inputs) out << ' ' << input;
    out << '\n';
  }
  out << "from " << graph.input << " to " << graph.output << '\n';
}

void Describe(const TrainOptions& options, std::ostream& out) {
  const data::Augmentation& changes = options.augmentation;
  out << std::hexfloat << options.epochs << ' ' << options.evaluations << ' ' << options.learning_rate << ' '
      << options.batch_size << ' ' << options.weight_decay << ' ' << options.label_smoothing << ' ' << options.seed
      << "\nchanged by " << changes.max_time_shift << ' ' << changes.max_frequency_shift << ' ' << changes.max_time_mask
      << ' ' << changes.max_frequency_mask << ' ' << changes.time_masks << ' ' << changes.frequency_masks << ' '
      << changes.noise << ' ' << changes.min_snr_db << ' ' << changes.max_snr_db << '\n';
}

// Names the code that trains; changes whenever it would go on in another way from the same state.
constexpr char kTrainingVersion[] = "training-2";

}  // namespace

std::string TrainingFingerprint(const graph::Graph& graph, const data::DataSet& data, const TrainOptions& options) {
  std::ostringstream text;
  text << kTrainingVersion << ", libtorch " << kTorchVersion << '\n'
       << options.checkpoint.identity << '\n'
       << data.Digest() << '\n';
  Describe(graph, text);
  Describe(options, text);
  return data::Sha256(text.str());
}

std::string EncodeCheckpoint(const Checkpoint& checkpoint, std::string_view fingerprint) {
  Writer writer;
  Walk(writer, checkpoint);
  std::string bytes = std::string(kMagic) + std::string(fingerprint) + writer.Take();
  bytes += data::Sha256(bytes);
  return bytes;
}

Result<Checkpoint> DecodeCheckpoint(std::string_view bytes, std::string_view fingerprint) {
  if (bytes.size() < kMagic.size() + 2 * kDigestSize || bytes.substr(0, kMagic.size()) != kMagic) {
    return InvalidArgument("it is cut, or no checkpoint of this version");
  }
  const std::string_view content = bytes.substr(0, bytes.size() - kDigestSize);
  if (data::Sha256(content) != bytes.substr(content.size())) {
    return InvalidArgument("it was altered: its SHA-256 does not match");
  }
  if (content.substr(kMagic.size(), kDigestSize) != fingerprint) {
    return InvalidArgument("it is of another training: another trial, network, data set, setting or libtorch");
  }
  Reader reader(content.substr(kMagic.size() + kDigestSize));
  Checkpoint checkpoint;
  Walk(reader, checkpoint);
  if (!reader.IsAtEnd() || !FitsTogether(checkpoint)) return InvalidArgument("its parts do not fit together");
  return checkpoint;
}

CheckpointFile::CheckpointFile(CheckpointOptions options, std::string fingerprint)
    : options_(std::move(options)), fingerprint_(std::move(fingerprint)) {}

std::optional<Checkpoint> CheckpointFile::Read() {
  if (options_.path.empty()) return std::nullopt;
  const Result<std::string> bytes = ReadFile(options_.path);
  if (!bytes.ok()) {
    if (bytes.error().code != ErrorCode::kNotFound) Warn(bytes.error().message);
    return std::nullopt;
  }
  Result<Checkpoint> checkpoint = DecodeCheckpoint(*bytes, fingerprint_);
  if (checkpoint.ok()) return std::move(checkpoint).value();
  Warn("the checkpoint " + options_.path.string() + " is passed over: " + checkpoint.error().message);
  return std::nullopt;
}

void CheckpointFile::Write(const std::function<Checkpoint()>& state) {
  if (options_.path.empty()) return;
  Result<void> written = MakeFolder(options_.path.parent_path());
  if (written.ok()) written = WriteFileDurably(options_.path, EncodeCheckpoint(state(), fingerprint_));
  if (!written.ok()) Warn("no checkpoint: " + written.error().message);
}

void CheckpointFile::Warn(const std::string& fault) {
  if (options_.warn && !std::exchange(warned_, true)) options_.warn(fault);
}

}  // namespace photinus::train
