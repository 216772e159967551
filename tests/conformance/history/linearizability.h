// Whether calls that overlapped could have happened one after another: the search of Wing and Gong (1993) with Lowe's
// memory (2017). Objects are checked one at a time: a history is linearizable if and only if that of every object is
// (Herlihy and Wing, 1990).
#ifndef PHOTINUS_TESTS_CONFORMANCE_HISTORY_LINEARIZABILITY_H_
#define PHOTINUS_TESTS_CONFORMANCE_HISTORY_LINEARIZABILITY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tests/conformance/history/history.h"

namespace photinus {

// A call on one object. Of an operation on several objects each has a call of its own.
struct ObjectCall {
  const Operation* operation = nullptr;
  int64_t begin = 0;
  int64_t end = kNever;
  bool known = false;  // whether it was answered; else it may take effect at any time after its beginning, or never

  static ObjectCall Of(const Operation& operation) {
    const bool known = operation.outcome != Outcome::kUnknown;
    return {&operation, operation.begin, known ? operation.end : kNever, known};
  }
  // As if no answer had come.
  ObjectCall Forgotten() const { return {operation, begin, kNever, false}; }
};

// A Model has
//   State                                        ordered by <, == ; the object before any call by State()
//   bool Apply(const ObjectCall&, State&) const  whether the call could be answered in this state as it was, and what
//   it
//                                                does to it; of an unanswered one: true, with the effect that it then
//                                                has
enum class Verdict {
  kLinearizable,
  kNot,
  kTooHard,  // too many orders to try
};

struct Violation {
  std::vector<ObjectCall> calls;  // by their beginnings
  bool certain = true;            // false: it was too hard to find out
};

template <typename Model>
class LinearizabilityChecker {
 public:
  // Borrows the model.
  explicit LinearizabilityChecker(const Model& model) : model_(model) {}

  Verdict Judge(std::vector<ObjectCall> calls) {
    // Those first that must take effect first: they are the likely next ones.
    std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.end < b.end; });
    calls_ = std::move(calls);
    done_.assign(calls_.size(), false);
    failed_.clear();
    if (Search(0, typename Model::State())) return Verdict::kLinearizable;
    return failed_.size() < kMostStates ? Verdict::kNot : Verdict::kTooHard;
  }

  // The part of a history that is not linearizable that already shows it: up to the first answer that nothing can
  // explain, without the answers that do not matter. nullopt: the history is linearizable.
  std::optional<Violation> FindViolation(const std::vector<ObjectCall>& calls) {
    if (Judge(calls) == Verdict::kLinearizable) return std::nullopt;
    std::vector<ObjectCall> part = ShortestPart(calls);
    if (part.empty()) return Violation{calls, false};
    size_t states = 0;
    for (ObjectCall& call : part) {
      if (!call.known || states > kMostStatesToExplain) continue;
      const ObjectCall kept = std::exchange(call, call.Forgotten());
      if (Judge(part) != Verdict::kNot) call = kept;
      states += failed_.size();
    }
    part.erase(std::remove_if(part.begin(), part.end(), [](const auto& call) { return !call.known && IsRead(call); }),
               part.end());
    std::sort(part.begin(), part.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return Violation{std::move(part), true};
  }

 private:
  using State = typename Model::State;

  static constexpr size_t kMostStates = 200'000;             // that are looked at in one search
  static constexpr size_t kMostStatesToExplain = 1'000'000;  // in those of a violation that is known

  static bool IsRead(const ObjectCall& call) {
    return call.operation->action == Action::kGet || call.operation->action == Action::kList;
  }

  static bool NeverChanges(const ObjectCall& call) {
    return call.known && (IsRead(call) || call.operation->outcome != Outcome::kOk);
  }

  // What was known once `now` had come. If it cannot be ordered, no more of the history can.
  static std::vector<ObjectCall> PartUntil(int64_t now, const std::vector<ObjectCall>& calls) {
    std::vector<ObjectCall> part;
    for (const ObjectCall& call : calls) {
      if (call.begin <= now) part.push_back(call.end <= now ? call : call.Forgotten());
    }
    return part;
  }

  // Of calls that are not linearizable: the part until the first answer after which none is. Empty: it is too hard.
  std::vector<ObjectCall> ShortestPart(const std::vector<ObjectCall>& calls) {
    std::vector<int64_t> ends;
    for (const ObjectCall& call : calls) {
      if (call.known) ends.push_back(call.end);
    }
    std::sort(ends.begin(), ends.end());
    const auto shortest = std::partition_point(
        ends.begin(), ends.end(), [&](int64_t end) { return Judge(PartUntil(end, calls)) == Verdict::kLinearizable; });
    if (shortest == ends.end()) return {};
    std::vector<ObjectCall> part = PartUntil(*shortest, calls);
    return Judge(part) == Verdict::kNot ? part : std::vector<ObjectCall>();
  }

  // Whether the calls that are not done, the first of them at `first`, can follow.
  bool Search(size_t first, const State& state) {
    while (first < calls_.size() && done_[first]) ++first;
    if (first == calls_.size() || !calls_[first].known) return true;  // the others need not happen
    if (failed_.size() >= kMostStates || !failed_.emplace(done_, state).second) return false;
    const int64_t first_end = calls_[first].end;
    const auto may_be_next = [&](const ObjectCall& call) { return call.begin <= first_end; };
    // What never changes anything may as well happen as soon as it can: then no other order need be tried.
    for (size_t i = first; i < calls_.size(); ++i) {
      if (done_[i] || !may_be_next(calls_[i]) || !NeverChanges(calls_[i])) continue;
      State same = state;
      if (model_.Apply(calls_[i], same)) return Follows(i, first, same);
    }
    for (size_t i = first; i < calls_.size(); ++i) {
      if (done_[i] || !may_be_next(calls_[i]) || NeverChanges(calls_[i])) continue;
      State next = state;
      if (!model_.Apply(calls_[i], next)) continue;
      if (!calls_[i].known && next == state) continue;
      if (Follows(i, first, next)) return true;
    }
    return false;
  }

  // Whether the rest can follow once calls_[i] has led to `next`.
  bool Follows(size_t i, size_t first, const State& next) {
    done_[i] = true;
    const bool follows = Search(first, next);
    done_[i] = false;
    return follows;
  }

  const Model& model_;
  std::vector<ObjectCall> calls_;                         // by end
  std::vector<bool> done_;                                // of calls_
  std::set<std::pair<std::vector<bool>, State>> failed_;  // from here nothing follows, or is being looked at
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_HISTORY_LINEARIZABILITY_H_
