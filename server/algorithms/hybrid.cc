#include "server/algorithms/hybrid.h"

#include <utility>

#include "common/base/status_macros.h"
#include "photinus/v1/firefly_state.pb.h"
#include "server/algorithms/firefly_search.h"
#include "server/algorithms/gp_bandit.h"

namespace photinus {
namespace {

// Empty where there is none.
v1::HybridState Read(std::string_view state) {
  v1::HybridState message;
  if (!message.ParseFromArray(state.data(), static_cast<int>(state.size()))) message.Clear();
  return message;
}

const SuggestionAlgorithm& AlgorithmOf(bool switched) {
  static const GpBandit gp;
  static const FireflySearch firefly(firefly::Species::kHyper);
  return switched ? static_cast<const SuggestionAlgorithm&>(firefly) : gp;
}

}  // namespace

TrialSet Hybrid::NewTo(std::string_view state) const {
  const v1::HybridState known = Read(state);
  // Before the switch all trials: the swarm will have to learn those that the process knows.
  return known.switched() ? AlgorithmOf(true).NewTo(known.state()) : TrialSet();
}

absl::StatusOr<SuggestResult> Hybrid::Suggest(const SuggestRequest& request) const {
  const v1::HybridState known = Read(request.state);
  const bool switched = known.switched() || request.first_trial_id > request.switch_at;
  SuggestRequest inner = request;
  inner.state = switched == known.switched() ? known.state() : std::string_view();
  ASSIGN_OR_RETURN(SuggestResult result, AlgorithmOf(switched).Suggest(inner));
  v1::HybridState next;
  next.set_switched(switched);
  next.set_state(std::move(result.state));
  result.state = next.SerializeAsString();
  return result;
}

}  // namespace photinus
