// The loop of algorithms that choose one point after the other.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ONE_BY_ONE_H_
#define PHOTINUS_SERVER_ALGORITHMS_ONE_BY_ONE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/space/flatten.h"
#include "server/algorithms/history.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

struct Choice {
  UnitPoint unit;  // snapped
  Explanation explanation;
};

// Asks `choose` for the point of each trial that the request wants. Every choice counts as pending in `history` before
// the next is made. Ends early where `choose` has none: the space is used up. Cancelled.
absl::StatusOr<SuggestResult> SuggestOneByOne(const SuggestRequest& request, const Flatten& flatten, History& history,
                                              absl::FunctionRef<std::optional<Choice>(int64_t trial_id)> choose);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ONE_BY_ONE_H_
