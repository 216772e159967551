#include "worker/data/parameter_draw.h"

#include <cmath>

namespace photinus::data {
namespace {

constexpr int kCells = 20;
constexpr int kPeriod = 5;  // among so many neighbouring cells, one is validation's and one is test's

Split SplitOfCell(uint64_t cell) {
  if (cell % kPeriod == 1) return Split::kValidation;
  if (cell % kPeriod == 3) return Split::kTest;
  return Split::kTrain;
}

}  // namespace

double ParameterDraw::Uniform(double low, double high) {
  uint64_t cell = random_.Below(kCells);
  while (SplitOfCell(cell) != split_) cell = random_.Below(kCells);
  return low + (high - low) * (static_cast<double>(cell) + random_.Uniform()) / kCells;
}

double ParameterDraw::LogUniform(double low, double high) { return low * std::exp(Uniform(0, std::log(high / low))); }

}  // namespace photinus::data
