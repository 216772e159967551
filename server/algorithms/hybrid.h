#ifndef PHOTINUS_SERVER_ALGORITHMS_HYBRID_H_
#define PHOTINUS_SERVER_ALGORITHMS_HYBRID_H_

#include <cstdint>
#include <string_view>

#include "server/algorithms/firefly_search.h"
#include "server/algorithms/gp_bandit.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// HYBRID: the Gaussian process for the first `switch_at` trials, Hyper-Firefly for all later ones, as it knows the
// trials that came before. Trial ids count, and they only grow: deleting trials does not undo the switch. A request for
// several points is served by one of the two.
class Hybrid final : public SuggestionAlgorithm {
 public:
  // reproducible: as GpBandit's.
  explicit Hybrid(int64_t switch_at, bool reproducible = false) : switch_at_(switch_at), gp_({}, reproducible) {}

  WantedTrials NewTo(std::string_view state) const override;
  bool UsesEncodedTrials(std::string_view state, int64_t first_trial_id) const override;
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
  Lesson Learn(const SuggestRequest& request) const override;

 private:
  const SuggestionAlgorithm& AlgorithmOf(bool switched) const;

  const int64_t switch_at_;
  const GpBandit gp_;
  const FireflySearch firefly_{firefly::Species::kHyper};
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_HYBRID_H_
