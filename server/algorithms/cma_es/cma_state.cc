#include "server/algorithms/cma_es/cma_state.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

namespace photinus {
namespace {

using Eigen::Index;

constexpr double kVersion = 1;
constexpr int64_t kMinLambda = 4, kMaxLambda = 1'000'000, kMaxRestarts = 1'000'000, kMaxId = int64_t{1} << 53;
constexpr size_t kNumberBytes = 8;
constexpr double kSmallestDeviation = 1e-8;  // doubles nearer than 1e-9 count as equal
constexpr double kLargestCondition = 1e14;
constexpr double kFlat = 1e-12;  // relative

// Everything is a double: ids are exact below 2^53.
class Writer {
 public:
  void Add(double number) {
    auto bits = std::bit_cast<uint64_t>(number);
    for (size_t i = 0; i < kNumberBytes; ++i, bits >>= 8) blob_ += static_cast<char>(bits & 0xff);
  }
  void Add(const Eigen::VectorXd& numbers) {
    for (const double number : numbers) Add(number);
  }
  std::string Take() { return std::move(blob_); }

 private:
  std::string blob_;
};

class Reader {
 public:
  explicit Reader(std::string_view blob) : blob_(blob), ok_(blob.size() % kNumberBytes == 0) {}

  // 0 where there is no finite number; then ok() is false.
  double Next() {
    uint64_t bits = 0;
    ok_ = ok_ && blob_.size() >= kNumberBytes;
    if (!ok_) return 0;
    for (size_t i = 0; i < kNumberBytes; ++i) bits |= uint64_t{static_cast<uint8_t>(blob_[i])} << (8 * i);
    blob_.remove_prefix(kNumberBytes);
    const auto number = std::bit_cast<double>(bits);
    ok_ = std::isfinite(number);
    return ok_ ? number : 0;
  }
  int64_t NextInteger(int64_t least, int64_t most) {
    const double number = Next();
    ok_ = ok_ && number >= static_cast<double>(least) && number <= static_cast<double>(most);
    return ok_ ? static_cast<int64_t>(number) : least;
  }
  // A count of things that each take one number at least.
  int64_t NextCount() { return NextInteger(0, static_cast<int64_t>(blob_.size() / kNumberBytes)); }
  Eigen::VectorXd NextVector(Index n) {
    Eigen::VectorXd vector(n);
    for (double& number : vector) number = Next();
    return vector;
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return blob_.empty(); }

 private:
  std::string_view blob_;
  bool ok_;
};

}  // namespace

size_t GoalWindow(int n, int lambda) { return 10 + static_cast<size_t>((30 * n + lambda - 1) / lambda); }

bool HasConverged(const CmaState& state, const std::vector<bool>& continuous) {
  const CmaDistribution& d = state.distribution;
  const Eigen::VectorXd deviations = d.Deviations();
  double largest = 0;
  for (size_t i = 0; i < continuous.size(); ++i) {
    if (continuous[i]) largest = std::max(largest, deviations[static_cast<Index>(i)]);
  }
  const bool has_continuous = std::find(continuous.begin(), continuous.end(), true) != continuous.end();
  if (has_continuous && largest < kSmallestDeviation) return true;
  if (CmaFactor(d).Condition() > kLargestCondition) return true;
  const size_t window = GoalWindow(static_cast<int>(d.mean.size()), state.lambda);
  if (state.best_goals.size() < window) return false;
  const auto [least, most] =
      std::minmax_element(state.best_goals.end() - static_cast<long>(window), state.best_goals.end());
  return *most / 2 - *least / 2 <= kFlat * std::max(std::abs(*most / 2), std::abs(*least / 2));
}

std::string SerializeCmaState(const CmaState& state) {
  const CmaDistribution& d = state.distribution;
  Writer writer;
  for (const double number : {kVersion, static_cast<double>(d.mean.size()), static_cast<double>(state.lambda),
                              static_cast<double>(state.restarts), static_cast<double>(d.generation), d.sigma}) {
    writer.Add(number);
  }
  for (const Eigen::VectorXd* vector : {&d.mean, &d.scale, &d.path_sigma, &d.path_c}) writer.Add(*vector);
  for (Index i = 0; i < d.mean.size(); ++i) writer.Add(Eigen::VectorXd(d.covariance.col(i).head(i + 1)));
  writer.Add(static_cast<double>(state.best_goals.size()));
  for (const double goal : state.best_goals) writer.Add(goal);
  writer.Add(static_cast<double>(state.used.intervals().size()));
  for (const auto& [first, last] : state.used.intervals()) {
    writer.Add(static_cast<double>(first));
    writer.Add(static_cast<double>(last));
  }
  return writer.Take();
}

std::optional<CmaState> ParseCmaState(std::string_view blob, int n) {
  Reader reader(blob);
  if (reader.Next() != kVersion || reader.Next() != n) return std::nullopt;
  CmaState state;
  state.lambda = static_cast<int>(reader.NextInteger(kMinLambda, kMaxLambda));
  state.restarts = static_cast<int>(reader.NextInteger(0, kMaxRestarts));
  CmaDistribution& d = state.distribution;
  d.generation = reader.NextInteger(0, kMaxId);
  d.sigma = reader.Next();
  for (Eigen::VectorXd* vector : {&d.mean, &d.scale, &d.path_sigma, &d.path_c}) *vector = reader.NextVector(n);
  d.covariance.resize(n, n);
  for (Index i = 0; i < n; ++i) {
    d.covariance.col(i).head(i + 1) = reader.NextVector(i + 1);
    d.covariance.row(i).head(i + 1) = d.covariance.col(i).head(i + 1).transpose();
  }
  for (int64_t goals = reader.NextCount(); goals > 0; --goals) state.best_goals.push_back(reader.Next());
  for (int64_t intervals = reader.NextCount(); intervals > 0; --intervals) {
    const int64_t first = reader.NextInteger(0, kMaxId);
    state.used.AddInterval(first, reader.NextInteger(first, kMaxId));
  }
  if (!reader.ok() || !reader.AtEnd() || d.sigma <= 0 || d.scale.minCoeff() <= 0 || !IsUsable(d)) return std::nullopt;
  if (d.mean.minCoeff() < 0 || d.mean.maxCoeff() > 1) return std::nullopt;
  return state;
}

}  // namespace photinus
