#include "tests/conformance/history/client_model.h"

#include <algorithm>
#include <iterator>

namespace photinus {
namespace {

// Own trials first, the oldest of them, then others; as many as were asked for.
bool Take(const Operation& o, std::set<int64_t>& active) {
  std::set<int64_t> given;
  for (const TrialView& view : o.trials) given.insert(view.id);
  if (given.size() != o.trials.size() || given.size() > static_cast<size_t>(o.count)) return false;
  const size_t own = std::min<size_t>(active.size(), o.count);
  const auto end_of_own = std::next(active.begin(), static_cast<std::ptrdiff_t>(own));
  if (!std::includes(given.begin(), given.end(), active.begin(), end_of_own)) return false;
  const bool pull = o.action == Action::kPull;  // which may come back with nothing
  if (!pull && given.size() != static_cast<size_t>(o.count)) return false;
  active.insert(given.begin(), given.end());
  return true;
}

}  // namespace

bool ClientModel::Apply(const ObjectCall& call, State& active) const {
  const Operation& o = *call.operation;
  switch (o.action) {
    case Action::kSuggest:
    case Action::kPull:
      return !call.known || Take(o, active);
    case Action::kExpireLeases:
      active.clear();  // a worker's slot has one trial
      return true;
    default:
      if (!call.known || o.outcome == Outcome::kOk) active.erase(o.trial);
      return true;
  }
}

}  // namespace photinus
