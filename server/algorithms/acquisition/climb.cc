#include "server/algorithms/acquisition/climb.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kMemory = 10;             // pairs of steps and changes of the gradient
constexpr double kFirstMove = 0.1;         // the longest of a steepest step, in any coordinate
constexpr double kLongestMove = 0.5;       // of any step
constexpr double kSufficient = 1e-4;       // share of the expected gain that a step must reach [Armijo]
constexpr int kMaxBacktracks = 8;          // of one direction
constexpr double kLeastCurvature = 1e-10;  // cosine between a step and the change of the gradient

// One start.
class Climber {
 public:
  Climber(VectorXd start, VectorXd low, VectorXd high)
      : low_(std::move(low)), high_(std::move(high)), x_(start.cwiseMax(low_).cwiseMin(high_)), trial_(x_) {}

  bool done() const { return done_; }
  // Where it wants to be evaluated.
  const VectorXd& trial() const { return trial_; }
  const VectorXd& best() const { return x_; }
  double value() const { return value_; }

  void Evaluated(double value, const VectorXd& gradient, double tolerance) {
    if (!started_) {
      started_ = true;
      value_ = value;
      gradient_ = gradient;
      return ChooseDirection();
    }
    const VectorXd move = trial_ - x_;
    const double expected = gradient_.dot(move);
    if (!std::isfinite(value) || !gradient.allFinite() || value < value_ + kSufficient * expected) {
      return Backtrack(value - value_, expected);
    }
    const double gain = value - value_;
    Remember(move, gradient_ - gradient);
    x_ = trial_;
    value_ = value;
    gradient_ = gradient;
    if (gain < tolerance) {
      done_ = true;
      return;
    }
    ChooseDirection();
  }

 private:
  // Of the gradient: the coordinates that may move, the rest zero.
  VectorXd Free(const VectorXd& v) const {
    VectorXd free = v;
    for (Index i = 0; i < v.size(); ++i) {
      const bool held =
          low_[i] == high_[i] || (x_[i] <= low_[i] && gradient_[i] <= 0) || (x_[i] >= high_[i] && gradient_[i] >= 0);
      if (held) free[i] = 0;
    }
    return free;
  }

  void Remember(const VectorXd& step, const VectorXd& change) {
    if (step.dot(change) <= kLeastCurvature * step.norm() * change.norm()) return;
    memory_.push_back({step, change});
    if (memory_.size() > kMemory) memory_.pop_front();
  }

  // The two loops of L-BFGS [Nocedal & Wright 2006, algorithm 7.4] on the free coordinates.
  VectorXd QuasiNewton(VectorXd direction) const {
    struct Pair {
      VectorXd step, change;
      double curvature, share;
    };
    std::vector<Pair> pairs;
    for (const auto& [step, change] : memory_) {
      Pair pair{Free(step), Free(change), 0, 0};
      pair.curvature = pair.step.dot(pair.change);
      if (pair.curvature > kLeastCurvature * pair.step.norm() * pair.change.norm()) pairs.push_back(std::move(pair));
    }
    for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
      pair->share = pair->step.dot(direction) / pair->curvature;
      direction -= pair->share * pair->change;
    }
    if (!pairs.empty()) direction *= pairs.back().curvature / pairs.back().change.squaredNorm();
    for (const Pair& pair : pairs) {
      direction += (pair.share - pair.change.dot(direction) / pair.curvature) * pair.step;
    }
    return direction;
  }

  void ChooseDirection() {
    const VectorXd gradient = Free(gradient_);
    if (!(gradient.cwiseAbs().maxCoeff() > 0) || !gradient.allFinite()) {
      done_ = true;
      return;
    }
    direction_ = memory_.empty() ? gradient : Free(QuasiNewton(gradient));
    if (!direction_.allFinite() || direction_.dot(gradient) <= 0) {
      memory_.clear();
      direction_ = gradient;
    }
    const double longest = direction_.cwiseAbs().maxCoeff();
    step_ = memory_.empty() ? kFirstMove / longest : std::min(1.0, kLongestMove / longest);
    backtracks_ = 0;
    Try();
  }

  void Try() { trial_ = (x_ + step_ * direction_).cwiseMax(low_).cwiseMin(high_); }

  // To the top of the parabola through what is known, within limits.
  void Backtrack(double gain, double expected) {
    if (++backtracks_ <= kMaxBacktracks) {
      const double top = std::isfinite(gain) ? 0.5 * expected / (expected - gain) : 0;
      step_ *= std::clamp(top, 0.1, 0.5);
      return Try();
    }
    done_ = memory_.empty();
    memory_.clear();
    if (!done_) ChooseDirection();
  }

  const VectorXd low_, high_;
  VectorXd x_, trial_, gradient_, direction_;
  double value_ = 0, step_ = 0;
  std::deque<std::pair<VectorXd, VectorXd>> memory_;
  int backtracks_ = 0;
  bool started_ = false, done_ = false;
};

}  // namespace

Climbed Climb(const BatchFunction& function, const MatrixXd& starts, const MatrixXd& low, const MatrixXd& high,
              const ClimbLimits& limits) {
  std::vector<Climber> climbers;
  for (Index i = 0; i < starts.rows(); ++i) climbers.emplace_back(starts.row(i), low.row(i), high.row(i));
  MatrixXd gradients;
  for (int evaluation = 0; evaluation < limits.evaluations; ++evaluation) {
    std::vector<Climber*> active;
    for (Climber& climber : climbers) {
      if (!climber.done()) active.push_back(&climber);
    }
    if (active.empty()) break;
    MatrixXd x(static_cast<Index>(active.size()), starts.cols());
    for (size_t i = 0; i < active.size(); ++i) x.row(static_cast<Index>(i)) = active[i]->trial();
    const VectorXd values = function(x, gradients);
    for (size_t i = 0; i < active.size(); ++i) {
      const Index row = static_cast<Index>(i);
      active[i]->Evaluated(values[row], gradients.row(row), limits.tolerance);
    }
  }
  Climbed climbed{MatrixXd(starts.rows(), starts.cols()), VectorXd(starts.rows())};
  for (size_t i = 0; i < climbers.size(); ++i) {
    climbed.points.row(static_cast<Index>(i)) = climbers[i].best();
    climbed.values[static_cast<Index>(i)] = climbers[i].value();
  }
  return climbed;
}

}  // namespace photinus
