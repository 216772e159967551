#include "server/algorithms/one_by_one.h"

#include <utility>

namespace photinus {

absl::StatusOr<SuggestResult> SuggestOneByOne(const SuggestRequest& request, const Flatten& flatten, History& history,
                                              absl::FunctionRef<std::optional<Choice>(int64_t trial_id)> choose) {
  SuggestResult result;
  for (int i = 0; i < request.count; ++i) {
    if (request.cancelled && request.cancelled()) {
      return absl::CancelledError("the search for a suggestion was cancelled");
    }
    std::optional<Choice> choice = choose(request.first_trial_id + i);
    if (!choice.has_value()) break;
    result.suggestions.push_back({flatten.ToPoint(choice->unit), std::move(choice->explanation)});
    history.AddPending(std::move(choice->unit));
  }
  return result;
}

}  // namespace photinus
