// The interface of all search algorithms: pure functions of a study's history.
#ifndef PHOTINUS_SERVER_ALGORITHMS_SUGGESTION_ALGORITHM_H_
#define PHOTINUS_SERVER_ALGORITHMS_SUGGESTION_ALGORITHM_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/space/search_space.h"
#include "common/study_document/study_document.h"
#include "server/algorithms/explanation.h"
#include "server/algorithms/goals.h"

namespace photinus {

// A finished trial. `objectives` has one value per objective, in the metric's own units; NaN where it was not reported.
struct EvaluatedPoint {
  int64_t trial_id = 0;
  Point point;
  std::vector<double> objectives;
  bool infeasible = false;          // then the objectives are meaningless
  std::vector<double> slacks = {};  // by constraint: not negative where the trial satisfies it; NaN: not known
};

// A trial that is being evaluated.
struct PendingPoint {
  int64_t trial_id = 0;
  Point point;
};

// Finished trials of another study, at points of the request's space and with values of its objectives. They may be of
// another function near by, or on another scale.
struct PriorStudy {
  std::string name;                    // its resource name
  std::vector<EvaluatedPoint> trials;  // ascending id of that study
};

class EncodedTrials;

// What an algorithm keeps in memory of one study between calls, to be quick. It changes no answer, and may be lost.
class AlgorithmCache {
 public:
  virtual ~AlgorithmCache() = default;
  virtual size_t bytes() const = 0;  // about
};

struct SuggestRequest {
  const SearchSpace& space;
  const std::vector<Objective>& objectives;      // may be empty: then nothing can be learned
  const std::vector<EvaluatedPoint>& completed;  // ascending trial id; empty if not UsesHistory
  const std::vector<PendingPoint>& pending;      // ascending trial id; to be avoided; empty if not UsesHistory
  std::vector<Constraint> constraints = {};      // on the outcome of trials
  bool noisy = false;                            // repeats are worthwhile
  int count = 1;                                 // >= 1
  uint64_t seed = 0;                             // the study's
  int64_t first_trial_id = 1;                    // suggestions become trials first_trial_id, first_trial_id + 1, ...
  std::string_view state;                        // the blob of the last call, or empty
  std::function<bool()> cancelled;               // may be null; checked between costly steps
  // Where UsesEncodedTrials: all trials, encoded, instead of `completed` and `pending`, which are then empty. Null:
  // the algorithm encodes those itself.
  const EncodedTrials* trials = nullptr;
  // The study's cache, which the algorithm reads and replaces; used by one call at a time. Null: there is none.
  std::unique_ptr<AlgorithmCache>* cache = nullptr;
  // What the study starts warm with, the same in all its requests. Null: nothing.
  const std::vector<PriorStudy>* prior = nullptr;
};

struct Suggestion {
  Point point;
  Explanation explanation;
};

struct SuggestResult {
  std::vector<Suggestion> suggestions;
  std::string state;  // replaces the old blob; empty: none
};

// Trials that a request is to tell of.
struct WantedTrials {
  std::vector<int64_t> ids;  // ascending
  int64_t and_from = 1;      // and this id and all greater ones
};

// Proposes points for one problem. Equal requests give equal answers. Thread-safe: const and without hidden state.
class SuggestionAlgorithm {
 public:
  virtual ~SuggestionAlgorithm() = default;

  // False if trials of such a study are not looked at, which saves loading them. noisy: SuggestRequest::noisy.
  virtual bool UsesHistory(const SearchSpace& /*space*/, bool /*noisy*/) const { return true; }

  // The trials whose news `state` lacks, which is all that a request with this state needs: `completed` and `pending`
  // may leave out the others. All trials, unless the algorithm says otherwise.
  virtual WantedTrials NewTo(std::string_view /*state*/) const { return {}; }

  // True if a request with this state takes SuggestRequest::trials, which costs what changed since the last call, and
  // not copies of all. Such an answer stays right if only its first suggestions become trials, so that it can be
  // computed ahead.
  virtual bool UsesEncodedTrials(std::string_view /*state*/, int64_t /*first_trial_id*/) const { return false; }

  // Gives 0..count points inside the space. Fewer than count: a finite space is used up. Cancelled; Internal if a
  // factorisation failed twice.
  virtual absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const = 0;

  // Work that takes too long for a request. It owns all that it needs, so that it may run on another thread while
  // Suggest goes on with the old blob, and gives the new one. Cancelled; Internal.
  using Lesson = std::function<absl::StatusOr<std::string>(const std::function<bool()>& cancelled)>;
  // What is to be learnt from the history to bring request.state up to date; null where that is not due. The blob
  // follows from history, seed and old blob.
  virtual Lesson Learn(const SuggestRequest&) const { return nullptr; }
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_SUGGESTION_ALGORITHM_H_
