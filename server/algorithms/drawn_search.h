#ifndef PHOTINUS_SERVER_ALGORITHMS_DRAWN_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_DRAWN_SEARCH_H_

#include <memory>
#include <string_view>
#include <vector>

#include "common/space/flatten.h"
#include "server/algorithms/explanation.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// What RANDOM_SEARCH and QUASI_RANDOM_SEARCH share: each trial id has a point that depends on the seed alone. Only
// where points are not worth repeating, and some are likely to be drawn twice, are trials looked at: a point that one
// has gives way to another, until a finite space is used up.
class DrawnSearch : public SuggestionAlgorithm {
 public:
  bool UsesHistory(const SearchSpace& space, bool noisy) const final;
  bool UsesEncodedTrials(std::string_view, int64_t) const final { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const final;

 protected:
  // The points of one seed.
  class Points {
   public:
    virtual ~Points() = default;
    virtual UnitPoint At(int64_t trial_id) = 0;  // need not be snapped
    virtual Explanation Explain(int64_t trial_id) const = 0;
  };
  virtual std::unique_ptr<Points> PointsOf(int dimension, uint64_t seed) const = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_DRAWN_SEARCH_H_
