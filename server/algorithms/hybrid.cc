#include "server/algorithms/hybrid.h"

#include <functional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "photinus/v1/firefly_state.pb.h"

namespace photinus {
namespace {

// Empty where there is none.
v1::HybridState Read(std::string_view bytes) {
  v1::HybridState state;
  if (!state.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) state.Clear();
  return state;
}

std::string Write(bool switched, std::string inner) {
  v1::HybridState state;
  state.set_switched(switched);
  state.set_state(std::move(inner));
  return state.SerializeAsString();
}

}  // namespace

const SuggestionAlgorithm& Hybrid::AlgorithmOf(bool switched) const {
  return switched ? static_cast<const SuggestionAlgorithm&>(firefly_) : gp_;
}

WantedTrials Hybrid::NewTo(std::string_view state) const {
  const v1::HybridState known = Read(state);
  // Before the switch all trials: the swarm will have to learn those that the process knows.
  return known.switched() ? AlgorithmOf(true).NewTo(known.state()) : WantedTrials();
}

bool Hybrid::UsesEncodedTrials(std::string_view state, int64_t first_trial_id) const {
  const v1::HybridState known = Read(state);
  if (known.switched()) return AlgorithmOf(true).UsesEncodedTrials(known.state(), first_trial_id);
  return first_trial_id <= switch_at_;
}

absl::StatusOr<SuggestResult> Hybrid::Suggest(const SuggestRequest& request) const {
  const v1::HybridState known = Read(request.state);
  const bool switched = known.switched() || request.first_trial_id > switch_at_;
  SuggestRequest inner = request;
  inner.state = switched == known.switched() ? known.state() : std::string_view();
  ASSIGN_OR_RETURN(SuggestResult result, AlgorithmOf(switched).Suggest(inner));
  result.state = Write(switched, std::move(result.state));
  return result;
}

SuggestionAlgorithm::Lesson Hybrid::Learn(const SuggestRequest& request) const {
  const v1::HybridState known = Read(request.state);
  if (known.switched() || request.first_trial_id > switch_at_) return nullptr;
  SuggestRequest inner = request;
  inner.state = known.state();
  Lesson lesson = AlgorithmOf(false).Learn(inner);
  if (lesson == nullptr) return nullptr;
  return [lesson = std::move(lesson)](const std::function<bool()>& cancelled) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(std::string learnt, lesson(cancelled));
    return Write(/*switched=*/false, std::move(learnt));
  };
}

}  // namespace photinus
