#ifndef PHOTINUS_SERVER_ALGORITHMS_WARM_START_H_
#define PHOTINUS_SERVER_ALGORITHMS_WARM_START_H_

#include <memory>
#include <string_view>
#include <utility>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// Any algorithm, after the best points of other studies: those of SuggestRequest::prior are the first trials, at most
// kMaxFirst, and of points that are next to each other only the best. All else is the algorithm's own, which knows
// those trials as it knows any. Trial ids count, so that the same trial gets the same point whatever happened.
class WarmStart final : public SuggestionAlgorithm {
 public:
  static constexpr int64_t kMaxFirst = 4;  // no algorithm that learns has a smaller initial design

  explicit WarmStart(std::unique_ptr<SuggestionAlgorithm> algorithm) : algorithm_(std::move(algorithm)) {}

  WantedTrials NewTo(std::string_view state) const override { return algorithm_->NewTo(state); }
  bool UsesEncodedTrials(std::string_view state, int64_t first_trial_id) const override;
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
  Lesson Learn(const SuggestRequest& request) const override { return algorithm_->Learn(request); }

 private:
  const std::unique_ptr<SuggestionAlgorithm> algorithm_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_WARM_START_H_
