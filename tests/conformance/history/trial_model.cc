#include "tests/conformance/history/trial_model.h"

#include <algorithm>

namespace photinus {
namespace {

constexpr int kMaxLosses = 3;

bool IsThere(const TrialState& state) { return state.phase != Phase::kNone && state.phase != Phase::kDeleted; }
bool IsRunning(const TrialState& state) { return state.phase == Phase::kActive || state.phase == Phase::kStopping; }
bool IsFinished(const TrialState& state) {
  return state.phase == Phase::kSucceeded || state.phase == Phase::kInfeasible;
}

// Whether the caller, if it names a lease, still holds the trial (C14).
bool Holds(const std::string& token, const TrialState& state) {
  return token.empty() || (IsRunning(state) && token == state.token);
}

// Whether the last holder of a trial that waits, and that nobody else has had since, calls (C14).
bool IsLastHolder(const std::string& token, const TrialState& state) {
  return state.phase == Phase::kRequested && !token.empty() && token == state.token;
}

void GiveUp(TrialState& state) {
  state.phase = Phase::kInfeasible;
  state.leased = false;
}

// C13. A trial that a person stopped does not run again.
void Requeue(TrialState& state) {
  if (state.phase == Phase::kStopping || state.losses >= kMaxLosses) return GiveUp(state);
  state.phase = Phase::kRequested;
  state.leased = false;
  state.last_client = std::move(state.client);
  state.last_readings = std::move(state.readings);
  state.client.clear();
  state.readings.clear();
}

// Whether a worker asks for the trial that another process of its own has (C11).
bool IsRestart(const Operation& o, const TrialState& state) {
  return o.action == Action::kPull && state.phase == Phase::kActive && state.leased && state.client == o.client &&
         state.incarnation != o.incarnation;
}

// A lease goes from one process of a worker to the next, or the trial is given up.
void Restart(const Operation& o, const std::string& token, TrialState& state) {
  ++state.losses;
  if (state.losses >= kMaxLosses) return GiveUp(state);
  state.incarnation = o.incarnation;
  state.token = token;
  state.readings.clear();
}

// The answer of an operation on a trial, and what the operation does to it.

Outcome Assign(const Operation& o, TrialState& state) {
  const bool leased = o.action == Action::kPull;
  const std::string token = leased ? (o.token.empty() ? "?" : o.token) : "";
  if (IsRestart(o, state)) {
    Restart(o, token, state);
    return state.phase == Phase::kActive ? Outcome::kOk : Outcome::kRefused;
  }
  if (state.phase == Phase::kActive && state.client == o.client && state.leased == leased) {
    if (state.token == "?") state.token = token;
    return token == "?" || token == state.token ? Outcome::kOk : Outcome::kRefused;
  }
  if (state.phase != Phase::kNone && state.phase != Phase::kRequested) return Outcome::kRefused;
  state.phase = Phase::kActive;
  state.client = o.client;
  state.leased = leased;
  state.incarnation = o.incarnation;
  state.token = token;
  return Outcome::kOk;
}

Outcome Measure(const Operation& o, TrialState& state) {
  if (!IsThere(state)) return Outcome::kNotFound;
  const bool ended = IsLastHolder(o.token, state);
  if (!ended && !Holds(o.token, state)) return Outcome::kLeaseLost;
  if (state.phase == Phase::kInfeasible) return Outcome::kOk;
  if (!ended && !IsRunning(state)) return Outcome::kRefused;
  std::vector<Reading>& readings = ended ? state.last_readings : state.readings;
  if (std::count(readings.begin(), readings.end(), o.reading) == 0) readings.push_back(o.reading);
  return Outcome::kOk;
}

Outcome Complete(const Operation& o, TrialState& state) {
  if (!IsThere(state)) return Outcome::kNotFound;
  std::optional<double> result;
  if (o.action == Action::kComplete) result = o.reading.y;
  if (IsFinished(state)) {
    if (!o.token.empty() && (o.token != state.token || !state.completed)) return Outcome::kLeaseLost;
    return state.completed && state.result == result ? Outcome::kOk : Outcome::kRefused;
  }
  if (IsLastHolder(o.token, state)) {
    state.client = state.last_client;
    state.readings = state.last_readings;
    state.released.erase(o.token);
  } else if (!Holds(o.token, state)) {
    return Outcome::kLeaseLost;
  } else if (!IsRunning(state)) {
    return Outcome::kRefused;
  }
  state.phase = result.has_value() ? Phase::kSucceeded : Phase::kInfeasible;
  state.completed = true;
  state.result = result;
  return Outcome::kOk;
}

Outcome Stop(TrialState& state) {
  if (!IsThere(state)) return Outcome::kNotFound;
  if (state.phase == Phase::kRequested) return Outcome::kRefused;
  if (state.phase == Phase::kActive) state.phase = Phase::kStopping;
  return Outcome::kOk;
}

Outcome Release(const Operation& o, TrialState& state) {
  if (!IsThere(state)) return Outcome::kNotFound;
  if (state.released.count(o.token) > 0) return Outcome::kOk;
  if (!Holds(o.token, state)) return Outcome::kLeaseLost;
  state.released.insert(o.token);
  Requeue(state);
  return Outcome::kOk;
}

// A pull that was not answered with this trial: it shows whether the client's own one was given up.
bool PullElsewhere(const Operation& o, TrialState& state) {
  if (o.outcome != Outcome::kOk || !IsRestart(o, state)) return true;
  Restart(o, "", state);
  return state.phase == Phase::kInfeasible;
}

Outcome ExpireLease(TrialState& state) {
  if (!IsRunning(state) || !state.leased) return Outcome::kOk;
  ++state.losses;
  Requeue(state);
  return Outcome::kOk;
}

Outcome Perform(const Operation& o, TrialState& state) {
  switch (o.action) {
    case Action::kCreateTrial:
      if (state.phase != Phase::kNone) return Outcome::kRefused;
      state.phase = Phase::kRequested;
      return Outcome::kOk;
    case Action::kSuggest:
    case Action::kPull:
      return Assign(o, state);
    case Action::kMeasure:
      return Measure(o, state);
    case Action::kComplete:
    case Action::kCompleteInfeasible:
      return Complete(o, state);
    case Action::kStop:
      return Stop(state);
    case Action::kDelete:
      if (!IsThere(state)) return Outcome::kNotFound;
      state = {.phase = Phase::kDeleted};
      return Outcome::kOk;
    case Action::kSetMetadata:
      if (!IsThere(state)) return Outcome::kNotFound;
      state.metadata[o.key] = o.value;
      return Outcome::kOk;
    case Action::kRelease:
      return Release(o, state);
    case Action::kExpireLeases:
      return ExpireLease(state);
    case Action::kGet:
    case Action::kList:
      return IsThere(state) ? Outcome::kOk : Outcome::kNotFound;
  }
  return Outcome::kFault;
}

pb::Trial::State ToProto(Phase phase) {
  switch (phase) {
    case Phase::kRequested:
      return pb::Trial::REQUESTED;
    case Phase::kActive:
      return pb::Trial::ACTIVE;
    case Phase::kStopping:
      return pb::Trial::STOPPING;
    case Phase::kSucceeded:
      return pb::Trial::SUCCEEDED;
    case Phase::kInfeasible:
      return pb::Trial::INFEASIBLE;
    default:
      return pb::Trial::STATE_UNSPECIFIED;
  }
}

// Replies to changes show the lists as they are when the reply is put together, which may be later, so of those only
// the rest counts.
bool Shows(const TrialView& view, bool lists, const TrialState& state) {
  if (view.state != ToProto(state.phase) || view.client != state.client || view.result != state.result) return false;
  return !lists || (view.readings == state.readings && view.metadata == state.metadata);
}

// Measurements are only ever appended, so the reply to one that is still of the present attempt shows its place.
bool ShowsPlace(const Reading& reading, const std::vector<Reading>& shown, const std::vector<Reading>& readings) {
  const auto place = std::find(shown.begin(), shown.end(), reading);
  if (place == shown.end()) return true;
  const auto length = place - shown.begin() + 1;
  return static_cast<std::ptrdiff_t>(readings.size()) >= length &&
         std::equal(shown.begin(), place + 1, readings.begin());
}

}  // namespace

bool TrialModel::Apply(const ObjectCall& call, TrialState& state) const {
  const Operation& o = *call.operation;
  const auto view = std::find_if(o.trials.begin(), o.trials.end(), [&](const TrialView& v) { return v.id == id_; });
  const bool shown = view != o.trials.end();
  if (call.known && o.action == Action::kPull && !shown) return PullElsewhere(o, state);
  const Outcome outcome = Perform(o, state);
  if (!call.known) return true;
  const bool is_list = o.action == Action::kList;
  if (is_list ? shown != IsThere(state) : outcome != o.outcome) return false;
  if (!shown) return true;
  if (!state.x.has_value()) state.x = view->x;  // whatever the first answer says; it never changes
  if (view->x != state.x || !Shows(*view, is_list || o.action == Action::kGet, state)) return false;
  return o.action != Action::kMeasure || ShowsPlace(o.reading, view->readings, state.readings);
}

}  // namespace photinus
