// The network behind MacroNetProblem: what its stages cost, the error they lead to, and the best of all networks.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_MACRO_NET_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_MACRO_NET_H_

#include <array>
#include <vector>

#include "common/base/random.h"

namespace photinus {

class MacroNet {
 public:
  enum Operation { kSkip, kConvolution3, kConvolution5, kDepthwise };
  static constexpr int kOperations = 4, kMaxDepth = 3, kMaxStages = 8;
  static constexpr std::array<double, 5> kWidths = {16, 24, 32, 48, 64};
  static constexpr double kChanceError = 90;  // %

  struct Stage {
    int operation = kSkip;
    int width = 0;  // index; without meaning for a skip
    int depth = 0;  // 1..kMaxDepth; without meaning for a skip
  };
  using Stages = std::vector<Stage>;

  // 1 <= stages <= kMaxStages. Which operations go well after each other is drawn.
  MacroNet(int stages, Random& random);

  int stages() const { return static_cast<int>(orders_.size()); }
  // In %; NaN if the network needs more multiplications than the budget allows.
  double Error(const Stages& stages) const;

  // The network of least error, exactly: dynamic programming over the stages.
  Stages Best() const;

 private:
  friend class MacroNetSearch;

  // What a network comes to up to some stage.
  struct Prefix {
    std::array<Stage, kMaxStages> stages;
    int length = 0;
    double width;  // channels that leave it
    double parameters = 0, multiplications = 0;
    double error = 0;  // of jumps in width and of the order of operations
    int depth = 0;
    int skips = 0;                 // at its end
    int last = -1, previous = -1;  // operations
  };
  // Errors of three operations in a row: of [previous][last][next] at each stage.
  using OrderErrors = std::array<double, kOperations * kOperations * kOperations>;

  static Prefix Empty();
  Prefix Extended(const Prefix& prefix, const Stage& stage) const;
  static double ErrorOf(double parameters, double depth, double rest);

  std::vector<OrderErrors> orders_;
  double budget_;  // multiplications
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_MACRO_NET_H_
