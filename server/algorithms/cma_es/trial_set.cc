#include "server/algorithms/cma_es/trial_set.h"

#include <iterator>

namespace photinus {

bool TrialSet::Contains(int64_t id) const {
  const auto after = intervals_.upper_bound(id);
  return after != intervals_.begin() && std::prev(after)->second >= id;
}

void TrialSet::Add(int64_t id) {
  if (Contains(id)) return;
  const auto after = intervals_.upper_bound(id);
  auto own = after;
  if (after != intervals_.begin() && std::prev(after)->second == id - 1) {
    own = std::prev(after);
    own->second = id;
  } else {
    own = intervals_.emplace_hint(after, id, id);
  }
  if (after == intervals_.end() || after->first != id + 1) return;
  own->second = after->second;
  intervals_.erase(after);
}

}  // namespace photinus
