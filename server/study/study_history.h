// All trials of a study at one version, by columns: what models, stopping rules and the search for optima look at.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_HISTORY_H_
#define PHOTINUS_SERVER_STUDY_STUDY_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "photinus/v1/stop_decision.pb.h"
#include "server/study/optimal_trials.h"
#include "server/study/study_problem.h"

namespace photinus {

// A trial as it enters a history.
struct HistoryRow {
  int64_t id = 0;
  pb::Trial::State state = pb::Trial::REQUESTED;
  bool apart = false;                            // no part of the search: lost, or it has a role of its own
  bool stopped_early = false;                    // finished, but asked to stop before
  int64_t last_step = 0;                         // of the final measurement; 0: it says none
  std::shared_ptr<const v1::StopDecision> stop;  // about its current attempt; null: none was kept
  Point point;
  std::vector<double> objectives;  // of SUCCEEDED trials, derived ones too; NaN where missing
  std::vector<double> slacks;      // of SUCCEEDED trials, by constraint: SlacksOf
};

// The trials of kTrials consecutive ids, by ascending id. Immutable once it is in a history, and shared between the
// versions in which nothing of it differs.
struct TrialChunk {
  static constexpr int64_t kTrials = 256;

  // Of one parameter of the space. A category is a number: its place among the parameter's categories or, after those,
  // in `others`, as history from elsewhere may have values that the space does not know.
  struct ParameterColumn {
    std::vector<double> values;
    std::vector<bool> active;
  };

  std::vector<int64_t> ids;
  std::vector<uint8_t> states;  // pb::Trial::State
  std::vector<bool> apart;
  std::vector<bool> stopped_early;
  std::vector<int64_t> last_steps;
  std::vector<std::shared_ptr<const v1::StopDecision>> stops;  // null where none was kept
  std::vector<ParameterColumn> parameters;
  std::vector<std::vector<double>> objectives;  // by objective; NaN where missing, and for trials without any
  std::vector<std::vector<double>> slacks;      // by constraint, alike
  std::vector<std::string> others;              // by first appearance
};

// One trial of a history, which it borrows.
class HistoryTrial {
 public:
  HistoryTrial(const StudyProblem& problem, const TrialChunk& chunk, size_t row)
      : problem_(&problem), chunk_(&chunk), row_(row) {}

  int64_t id() const { return chunk_->ids[row_]; }
  pb::Trial::State state() const { return static_cast<pb::Trial::State>(chunk_->states[row_]); }
  bool apart() const { return chunk_->apart[row_]; }
  bool stopped_early() const { return chunk_->stopped_early[row_]; }
  int64_t last_step() const { return chunk_->last_steps[row_]; }
  const v1::StopDecision* stop() const { return chunk_->stops[row_].get(); }
  Point point() const;  // put together anew by each call
  double objective(size_t index) const { return chunk_->objectives[index][row_]; }
  // One for each of the problem's objectives and of its constraints (SlacksOf), all NaN unless SUCCEEDED.
  std::vector<double> objectives() const;
  std::vector<double> slacks() const;

 private:
  const StudyProblem* problem_;
  const TrialChunk* chunk_;
  size_t row_;
};

// Immutable. A version shares with the one before it whatever did not change, so that making it costs what changed (and
// one pointer per TrialChunk::kTrials trials).
class StudyHistory {
 public:
  using Chunks = std::vector<std::shared_ptr<const TrialChunk>>;

  // Without trials.
  StudyHistory(std::shared_ptr<const StudyProblem> problem, int64_t version)
      : problem_(std::move(problem)), version_(version) {}

  // The history at `version`: `changed` are new or replace those of their ids, and `deleted` are no longer there. A
  // trial keeps its point. Internal: a point is not of the problem's space.
  absl::StatusOr<StudyHistory> Updated(int64_t version, const std::vector<HistoryRow>& changed,
                                       const std::vector<int64_t>& deleted) const;

  const StudyProblem& problem() const { return *problem_; }
  int64_t version() const { return version_; }
  size_t size() const { return size_; }
  std::optional<HistoryTrial> Find(int64_t id) const;
  // Ids, ascending, of the SUCCEEDED trials that no other dominates, among those whose objectives are all finite and
  // that satisfy all constraints.
  // With one objective the incumbent alone; without objectives none.
  const std::vector<int64_t>& optimal() const { return *optimal_; }

  // By ascending id: for (const HistoryTrial trial : history).
  class Iterator {
   public:
    Iterator(const StudyHistory& history, size_t chunk) : history_(&history), chunk_(chunk) { SkipEmpty(); }
    HistoryTrial operator*() const { return {*history_->problem_, *history_->chunks_[chunk_], row_}; }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return chunk_ != other.chunk_ || row_ != other.row_; }

   private:
    void SkipEmpty();

    const StudyHistory* history_;
    size_t chunk_;
    size_t row_ = 0;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, chunks_.size()}; }
  // Up to `limit` trials of the search in a state, those of the greatest ids, ascending.
  std::vector<HistoryTrial> Latest(pb::Trial::State state, size_t limit) const;

  // By id: chunk k holds the ids from 1 + k * TrialChunk::kTrials on; null where it has none.
  const Chunks& chunks() const { return chunks_; }
  // What it takes of memory, about, as if it shared nothing.
  size_t bytes() const { return bytes_; }

 private:
  // What counts in the search for optima; nullopt for a trial that does not take part.
  std::optional<TrialCosts> CostsOf(int64_t id) const;
  void FindOptimal(const StudyHistory& old, const std::vector<HistoryRow>& changed);

  std::shared_ptr<const StudyProblem> problem_;
  int64_t version_;
  size_t size_ = 0;
  size_t bytes_ = 0;
  Chunks chunks_;
  std::shared_ptr<const std::vector<int64_t>> optimal_ = std::make_shared<const std::vector<int64_t>>();
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_HISTORY_H_
