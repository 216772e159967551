#include "tests/benchmarks/search/problems/macro_net.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace photinus {
namespace {

constexpr double kInputWidth = 16, kInputSide = 32;  // channels and pixels
constexpr double kBaseError = 4, kCapacity = 300, kCapacityPower = -0.35, kDepthError = 30, kDepthPower = -1.2;
constexpr double kJumpError = 0.5, kOrderDeviation = 0.4;
constexpr double kBudgetPerStage = 6e6;  // multiplications; about a third of random networks need more
constexpr int kTooManySkips = 3;         // in a row

// Pixels of a stage: the side halves after every second stage.
double AreaOf(int stage) { return kInputSide * kInputSide / std::pow(4, stage / 2); }

double ParametersOf(const MacroNet::Stage& stage, double width_in) {
  const double width = MacroNet::kWidths[stage.width];
  switch (stage.operation) {
    case MacroNet::kConvolution3:
      return 9 * width_in * width * stage.depth;
    case MacroNet::kConvolution5:
      return 25 * width_in * width * stage.depth;
    case MacroNet::kDepthwise:
      return (9 * width_in + width_in * width) * stage.depth;
    default:
      return 0;
  }
}

constexpr double kMostParameters = 25 * MacroNet::kWidths.back() * MacroNet::kWidths.back() * MacroNet::kMaxDepth;

// All stages that differ in effect.
std::vector<MacroNet::Stage> AllStages() {
  std::vector<MacroNet::Stage> stages = {MacroNet::Stage{}};
  for (int operation = MacroNet::kSkip + 1; operation < MacroNet::kOperations; ++operation) {
    for (int width = 0; width < static_cast<int>(MacroNet::kWidths.size()); ++width) {
      for (int depth = 1; depth <= MacroNet::kMaxDepth; ++depth) stages.push_back({operation, width, depth});
    }
  }
  return stages;
}

}  // namespace

MacroNet::MacroNet(int stages, Random& random) : orders_(stages), budget_(kBudgetPerStage * stages) {
  for (OrderErrors& errors : orders_) {
    for (double& error : errors) error = kOrderDeviation * random.Normal();
  }
}

MacroNet::Prefix MacroNet::Empty() { return {.stages = {}, .width = kInputWidth}; }

MacroNet::Prefix MacroNet::Extended(const Prefix& prefix, const Stage& stage) const {
  Prefix next = prefix;
  next.stages[next.length++] = stage;
  next.skips = stage.operation == kSkip ? prefix.skips + 1 : 0;
  if (stage.operation != kSkip) {
    const double parameters = ParametersOf(stage, prefix.width);
    next.width = kWidths[stage.width];
    next.parameters += parameters;
    next.multiplications += parameters * AreaOf(prefix.length);
    next.depth += stage.depth;
    const double jump = std::max(0.0, std::abs(std::log2(next.width / prefix.width)) - 1);
    next.error += kJumpError * jump * jump;
  }
  if (prefix.previous >= 0) {
    const int order = (prefix.previous * kOperations + prefix.last) * kOperations + stage.operation;
    next.error += orders_[prefix.length][order];
  }
  next.previous = prefix.last;
  next.last = stage.operation;
  return next;
}

double MacroNet::ErrorOf(double parameters, double depth, double rest) {
  const double error =
      kBaseError + kCapacity * std::pow(parameters, kCapacityPower) + kDepthError * std::pow(depth, kDepthPower) + rest;
  return std::min(kChanceError, error);
}

double MacroNet::Error(const Stages& stages) const {
  Prefix network = Empty();
  bool chance = false;
  for (const Stage& stage : stages) {
    network = Extended(network, stage);
    chance = chance || network.skips >= kTooManySkips;
  }
  if (network.multiplications > budget_) return std::numeric_limits<double>::quiet_NaN();
  return chance || network.depth == 0 ? kChanceError : ErrorOf(network.parameters, network.depth, network.error);
}

// Prefixes that end alike (last two operations, width, skips) have the same future, so of those only the ones are kept
// that no other beats in parameters, depth, multiplications and error, and that could still lead to the best network.
class MacroNetSearch {
 public:
  explicit MacroNetSearch(const MacroNet& net) : net_(net) { BoundOrderErrors(); }

  // A quick search first, whose result lets the exact one drop what cannot get better.
  MacroNet::Stages Find() {
    Search(kQuickSearch);
    Search(std::numeric_limits<size_t>::max());
    return {best_.stages.begin(), best_.stages.begin() + best_.length};
  }

 private:
  static constexpr size_t kQuickSearch = 8;  // prefixes kept per ending
  static constexpr int kPairs = MacroNet::kOperations * MacroNet::kOperations;

  using Prefix = MacroNet::Prefix;
  using Ending = std::tuple<int, int, double, int>;
  using Frontier = std::map<Ending, std::vector<Prefix>>;

  // least_order_error_[i][previous, last]: the least that the order of operations adds from stage i on.
  void BoundOrderErrors() {
    least_order_error_.assign(net_.stages() + 1, {});
    for (int i = net_.stages() - 1; i >= 2; --i) {
      for (int pair = 0; pair < kPairs; ++pair) {
        double& least = least_order_error_[i][pair] = std::numeric_limits<double>::infinity();
        for (int next = 0; next < MacroNet::kOperations; ++next) {
          const int next_pair = pair % MacroNet::kOperations * MacroNet::kOperations + next;
          least = std::min(least,
                           net_.orders_[i][pair * MacroNet::kOperations + next] + least_order_error_[i + 1][next_pair]);
        }
      }
    }
  }

  double LeastOrderError(const Prefix& prefix) const {
    if (prefix.length >= 2) {
      return least_order_error_[prefix.length][prefix.previous * MacroNet::kOperations + prefix.last];
    }
    const int first = std::min(2, net_.stages());
    return *std::min_element(least_order_error_[first].begin(), least_order_error_[first].end());
  }

  // No network with this prefix has less: the rest of the budget goes where parameters are cheapest, at the end.
  double LeastError(const Prefix& prefix) const {
    double parameters = prefix.parameters, budget = net_.budget_ - prefix.multiplications;
    for (int i = net_.stages() - 1; i >= prefix.length; --i) {
      const double added = std::min(kMostParameters, budget / AreaOf(i));
      parameters += added;
      budget -= added * AreaOf(i);
    }
    return MacroNet::ErrorOf(parameters, prefix.depth + MacroNet::kMaxDepth * (net_.stages() - prefix.length),
                             prefix.error + LeastOrderError(prefix));
  }

  void Search(size_t kept) {
    const std::vector<MacroNet::Stage> stages = AllStages();
    Frontier frontier = {{Ending(), {MacroNet::Empty()}}};
    for (int i = 0; i < net_.stages(); ++i) {
      Frontier next;
      for (const auto& [ending, prefixes] : frontier) {
        for (const Prefix& prefix : prefixes) {
          for (const MacroNet::Stage& stage : stages) Keep(net_.Extended(prefix, stage), kept, next);
        }
      }
      frontier = std::move(next);
    }
    for (const auto& [ending, prefixes] : frontier) {
      for (const Prefix& prefix : prefixes) Consider(prefix);
    }
  }

  void Keep(const Prefix& prefix, size_t kept, Frontier& frontier) const {
    if (prefix.skips >= kTooManySkips || prefix.multiplications > net_.budget_ || LeastError(prefix) > error_) return;
    std::vector<Prefix>& alike = frontier[{prefix.previous, prefix.last, prefix.width, prefix.skips}];
    const auto beats = [](const Prefix& a, const Prefix& b) {
      return a.parameters >= b.parameters && a.depth >= b.depth && a.multiplications <= b.multiplications &&
             a.error <= b.error;
    };
    for (const Prefix& other : alike) {
      if (beats(other, prefix)) return;
    }
    std::erase_if(alike, [&](const Prefix& other) { return beats(prefix, other); });
    if (alike.size() < kept) {
      alike.push_back(prefix);
      return;
    }
    const auto worst = std::max_element(
        alike.begin(), alike.end(), [this](const Prefix& a, const Prefix& b) { return LeastError(a) < LeastError(b); });
    if (LeastError(prefix) < LeastError(*worst)) *worst = prefix;
  }

  void Consider(const Prefix& prefix) {
    const double error = MacroNet::ErrorOf(prefix.parameters, prefix.depth, prefix.error);
    if (error > error_) return;
    error_ = error;
    best_ = prefix;
  }

  const MacroNet& net_;
  std::vector<std::array<double, kPairs>> least_order_error_;
  Prefix best_ = MacroNet::Empty();
  double error_ = std::numeric_limits<double>::infinity();
};

MacroNet::Stages MacroNet::Best() const { return MacroNetSearch(*this).Find(); }

}  // namespace photinus
