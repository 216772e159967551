// Points from an algorithm of ours.
#ifndef PHOTINUS_SERVER_SCHEDULING_ALGORITHM_POINTS_H_
#define PHOTINUS_SERVER_SCHEDULING_ALGORITHM_POINTS_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "server/algorithms/suggestion_algorithm.h"
#include "server/scheduling/point_source.h"
#include "server/scheduling/study_memory.h"

namespace photinus {

// Points of the study's algorithm.
class AlgorithmPoints : public PointSource {
 public:
  // The memories are borrowed.
  AlgorithmPoints(std::unique_ptr<SuggestionAlgorithm> algorithm, SuggestInputs inputs, StudyMemories& memories)
      : PointSource(std::move(inputs)), algorithm_(std::move(algorithm)), memories_(memories) {}

  absl::Status Compute(const std::function<bool()>& stopping, const std::function<bool()>& unwanted) override;
  // Points that need no history are computed anew, within the transaction, because they take microseconds. Others are
  // planned anew, at first for any new trial, and after a few attempts only for one that was suggested.
  absl::Status FitToNextId(StudyEdit& edit, int attempt) override;
  // The algorithm's state.
  absl::Status Keep(StudyEdit& edit, size_t used) const override;

 private:
  bool UsesHistory() const { return algorithm_->UsesHistory(inputs_.problem->space, inputs_.problem->noisy); }
  absl::Status ComputeWithoutHistory(const std::function<bool()>& cancelled);

  const std::unique_ptr<SuggestionAlgorithm> algorithm_;
  StudyMemories& memories_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_ALGORITHM_POINTS_H_
