// How much of objective space a set of points dominates. All objectives are minimised.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_HYPERVOLUME_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_HYPERVOLUME_H_

#include <utility>
#include <vector>

namespace photinus {

// The points that no other dominates, and the volume that they dominate below a reference point.
class ParetoFront {
 public:
  // Points that are not better than the reference in every objective count for nothing.
  explicit ParetoFront(std::vector<double> reference) : reference_(std::move(reference)) {}

  // value: one number per objective; NaN is dominated by all.
  void Add(const std::vector<double>& value);
  // Exact, by slicing along the last objective; meant for up to three objectives and some hundred points.
  double Hypervolume() const { return hypervolume_; }

 private:
  std::vector<double> reference_;
  std::vector<std::vector<double>> points_;  // none dominates another
  double hypervolume_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_HYPERVOLUME_H_
