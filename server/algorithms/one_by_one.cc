#include "server/algorithms/one_by_one.h"

#include <utility>

namespace photinus {

OneByOne::OneByOne(const SuggestRequest& request)
    : request_(request),
      flatten_(request.space),
      history_(ReadHistory(flatten_, request)),
      initial_(flatten_, request.seed) {}

absl::StatusOr<SuggestResult> OneByOne::Run() {
  SuggestResult result;
  for (int i = 0; i < request_.count; ++i) {
    if (request_.cancelled && request_.cancelled()) {
      return absl::CancelledError("the search for a suggestion was cancelled");
    }
    std::optional<Choice> choice = Next(request_.first_trial_id + i);
    if (!choice.has_value() && history_.AllowFailures()) choice = Next(request_.first_trial_id + i);
    if (!choice.has_value()) break;
    result.suggestions.push_back({flatten_.ToPoint(choice->unit), std::move(choice->explanation)});
    history_.AddPending(std::move(choice->unit));
  }
  return result;
}

std::optional<Choice> OneByOne::Initial(int64_t trial_id, std::string why) {
  std::optional<UnitPoint> unit = initial_.Next(history_, trial_id);
  if (!unit.has_value()) return std::nullopt;
  return Choice{*std::move(unit), {kInitialArm, std::move(why)}};
}

}  // namespace photinus
