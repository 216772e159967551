#include "tests/conformance/history/client_model.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace photinus {
namespace {

// Own trials first, the oldest of them, then others; as many as were asked for.
bool Take(const Operation& o, std::map<int64_t, std::string>& active) {
  std::map<int64_t, std::string> given;
  for (const TrialView& view : o.trials) given[view.id] = o.token;
  if (given.size() != o.trials.size() || given.size() > static_cast<size_t>(o.count)) return false;
  const size_t own = std::min<size_t>(active.size(), o.count);
  const auto end_of_own = std::next(active.begin(), static_cast<std::ptrdiff_t>(own));
  const bool complete =
      std::all_of(active.begin(), end_of_own, [&](const auto& own) { return given.count(own.first) > 0; });
  if (!complete) return false;
  const bool pull = o.action == Action::kPull;  // which may come back with nothing
  if (!pull && given.size() != static_cast<size_t>(o.count)) return false;
  for (auto& [id, token] : given) active[id] = std::move(token);
  return true;
}

}  // namespace

bool ClientModel::Apply(const ObjectCall& call, State& state) const {
  const Operation& o = *call.operation;
  std::map<int64_t, std::string>& active = state.active;
  switch (o.action) {
    case Action::kSuggest:
      return !call.known || Take(o, active);
    case Action::kPull: {
      if (!call.known || o.outcome == Outcome::kSuperseded) return true;
      const bool restarted = std::exchange(state.incarnation, o.incarnation) != o.incarnation;
      const bool shown = std::any_of(o.trials.begin(), o.trials.end(),
                                     [&](const TrialView& view) { return active.count(view.id) > 0; });
      // What cost too many processes is given up, as the model of trials knows, and another one given instead.
      if (restarted && !shown) active.clear();
      return Take(o, active);
    }
    case Action::kExpireLeases:
      active.clear();  // a worker's slot has one trial
      return true;
    case Action::kRelease: {
      // Else it is a repetition, and the trial is held anew.
      const auto held = active.find(o.trial);
      if (held != active.end() && (!call.known || o.outcome == Outcome::kOk) && held->second == o.token) {
        active.erase(held);
      }
      return true;
    }
    default:
      if (!call.known || o.outcome == Outcome::kOk) active.erase(o.trial);
      return true;
  }
}

}  // namespace photinus
