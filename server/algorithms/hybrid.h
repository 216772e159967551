#ifndef PHOTINUS_SERVER_ALGORITHMS_HYBRID_H_
#define PHOTINUS_SERVER_ALGORITHMS_HYBRID_H_

#include <cstdint>
#include <string_view>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// HYBRID: the Gaussian process for the first `switch_at` trials, Hyper-Firefly for all later ones, as it knows the
// trials that came before. Trial ids count, and they only grow: deleting trials does not undo the switch. A request for
// several points is served by one of the two.
class Hybrid final : public SuggestionAlgorithm {
 public:
  explicit Hybrid(int64_t switch_at) : switch_at_(switch_at) {}

  WantedTrials NewTo(std::string_view state) const override;
  bool UsesEncodedTrials(std::string_view state, int64_t first_trial_id) const override;
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
  Lesson Learn(const SuggestRequest& request) const override;

 private:
  const int64_t switch_at_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_HYBRID_H_
