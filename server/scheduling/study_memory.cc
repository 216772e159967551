#include "server/scheduling/study_memory.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "server/scheduling/prior_studies.h"
#include "server/scheduling/problem_check.h"
#include "server/study/told_objectives.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

bool SameValues(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double left, double right) { return left == right || (std::isnan(left) && std::isnan(right)); });
}

bool SameOutcome(const StudyProblem& problem, const HistoryTrial& a, const HistoryTrial& b) {
  return a.state() == b.state() && a.apart() == b.apart() &&
         SameValues(ToldObjectives(problem, a), ToldObjectives(problem, b)) && SameValues(a.slacks(), b.slacks());
}

// Models learn nothing from trials that are no part of the search; of some the point is taken.
void Put(const StudyProblem& problem, const HistoryTrial& trial, EncodedTrials& trials) {
  if (trial.apart() && !HoldsItsPoint(trial)) {
    if (trials.Contains(trial.id())) trials.Erase(trial.id());
    return;
  }
  if (!trials.Contains(trial.id())) trials.Add(trial.id(), trial.point());
  if (IsFinished(trial.state()) && !trial.apart()) {
    const std::vector<double> told = ToldObjectives(problem, trial);
    trials.SetFinished(trial.id(), told, IsToldInfeasible(trial.state(), trial.stopped_early(), told), trial.slacks());
  } else {
    trials.SetPending(trial.id());
  }
}

// Brings the trials of one chunk from what it was to what it is; null: without trials.
void UpdateChunk(const StudyProblem& problem, const TrialChunk* before, const TrialChunk* after,
                 EncodedTrials& trials) {
  const size_t old_rows = before == nullptr ? 0 : before->ids.size();
  const size_t new_rows = after == nullptr ? 0 : after->ids.size();
  size_t old_row = 0;
  for (size_t row = 0; row < new_rows; ++row) {
    const HistoryTrial trial(problem, *after, row);
    for (; old_row < old_rows && before->ids[old_row] < trial.id(); ++old_row) {
      if (trials.Contains(before->ids[old_row])) trials.Erase(before->ids[old_row]);
    }
    const bool known = old_row < old_rows && before->ids[old_row] == trial.id();
    const bool same = known && SameOutcome(problem, HistoryTrial(problem, *before, old_row), trial);
    if (!same) Put(problem, trial, trials);
    if (known) ++old_row;
  }
  for (; old_row < old_rows; ++old_row) {
    if (trials.Contains(before->ids[old_row])) trials.Erase(before->ids[old_row]);
  }
}

absl::Status Unwanted() { return absl::CancelledError("a request came first"); }

SuggestedPoints FirstOf(SuggestedPoints result, int64_t count) {
  if (static_cast<int64_t>(result.suggestions.size()) > count) result.suggestions.resize(static_cast<size_t>(count));
  return result;
}

}  // namespace

absl::StatusOr<SuggestedPoints> StudyMemory::Suggest(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                                     const std::function<bool()>& cancelled) {
  int64_t newest = newest_;
  while (newest < inputs.version && !newest_.compare_exchange_weak(newest, inputs.version)) {
  }
  const MutexLock lock(computing_);
  if (auto prepared = Find(inputs); prepared.has_value()) return *std::move(prepared);
  return Compute(algorithm, inputs, cancelled);
}

absl::Status StudyMemory::Prepare(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                  const std::function<bool()>& cancelled) {
  const auto came_first = [&] { return newest_ >= inputs.version; };
  if (came_first()) return Unwanted();
  const MutexLock lock(computing_);
  if (came_first()) return Unwanted();
  absl::StatusOr<SuggestedPoints> result;
  if (auto prepared = Find(inputs); prepared.has_value()) {
    result = *std::move(prepared);  // though the study's version may be a new one
  } else {
    result = Compute(algorithm, inputs, [&] { return newest_ > inputs.version || (cancelled && cancelled()); });
  }
  RETURN_IF_ERROR(result.status());
  result->ahead = true;
  auto ahead = std::make_shared<const Ahead>(Ahead{inputs, *std::move(result)});
  const MutexLock moment(mutex_);
  ahead_ = std::move(ahead);
  return absl::OkStatus();
}

std::optional<SuggestedPoints> StudyMemory::Prepared(int64_t version, std::string_view state, int64_t count) {
  const MutexLock moment(mutex_);
  if (ahead_ == nullptr || ahead_->inputs.version != version || ahead_->inputs.state != state) return std::nullopt;
  if (static_cast<int64_t>(ahead_->result.suggestions.size()) < count) return std::nullopt;
  return FirstOf(ahead_->result, count);
}

std::optional<SuggestedPoints> StudyMemory::Find(const SuggestInputs& inputs) {
  std::shared_ptr<const Ahead> ahead;
  {
    const MutexLock moment(mutex_);
    ahead = ahead_;
  }
  if (ahead == nullptr || inputs.history == nullptr) return std::nullopt;
  const SuggestInputs& known = ahead->inputs;
  const bool same = known.problem == inputs.problem && known.state == inputs.state && known.seed == inputs.seed &&
                    known.first_trial_id == inputs.first_trial_id && known.count >= inputs.count &&
                    known.history->chunks() == inputs.history->chunks();
  if (!same) return std::nullopt;
  return FirstOf(ahead->result, inputs.count);
}

absl::StatusOr<SuggestedPoints> StudyMemory::Compute(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                                     const std::function<bool()>& cancelled) {
  const SuggestMemory memory = Updated(algorithm, inputs);
  auto result = SuggestPoints(algorithm, inputs, memory, cancelled);
  NoteBytes();
  return result;
}

SuggestionAlgorithm::Lesson StudyMemory::Learn(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs) {
  const MutexLock lock(computing_);
  const SuggestMemory memory = Updated(algorithm, inputs);
  return LearnPoints(algorithm, inputs, memory);
}

SuggestMemory StudyMemory::Updated(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs) {
  if (problem_ != inputs.problem) {
    problem_ = inputs.problem;
    trials_ = nullptr;
    chunks_.clear();
    cache_ = nullptr;
    prior_ = PriorStudiesOf(*problem_);
  }
  SuggestMemory memory{.cache = &cache_, .prior = prior_.empty() ? nullptr : &prior_};
  if (!algorithm.UsesEncodedTrials(inputs.state, inputs.first_trial_id) || inputs.history == nullptr) return memory;
  Update(*inputs.history);
  memory.trials = trials_.get();
  return memory;
}

void StudyMemory::Update(const StudyHistory& history) {
  if (trials_ == nullptr) {
    trials_ =
        std::make_unique<EncodedTrials>(problem_->space, AlgorithmObjectives(*problem_), problem_->constraints.size());
  }
  const StudyHistory::Chunks& chunks = history.chunks();
  for (size_t i = 0; i < std::max(chunks.size(), chunks_.size()); ++i) {
    const TrialChunk* before = i < chunks_.size() ? chunks_[i].get() : nullptr;
    const TrialChunk* after = i < chunks.size() ? chunks[i].get() : nullptr;
    if (before != after) UpdateChunk(*problem_, before, after, *trials_);
  }
  chunks_ = chunks;
}

int64_t StudyMemory::encodings() {
  const MutexLock lock(computing_);
  return trials_ == nullptr ? 0 : trials_->encodings();
}

void StudyMemory::NoteBytes() {
  const size_t prior = prior_.empty() ? 0 : problem_->prior.SpaceUsedLong();
  bytes_ = kLeastMemoryBytes + prior + (trials_ == nullptr ? 0 : trials_->bytes()) +
           (cache_ == nullptr ? 0 : cache_->bytes());
}

std::shared_ptr<StudyMemory> StudyMemories::At(int64_t uid) {
  const MutexLock lock(mutex_);
  std::shared_ptr<StudyMemory>& memory = memories_.At(uid);
  if (memory == nullptr) {
    memory = std::make_shared<StudyMemory>();
    memories_.SetWeight(uid, kLeastMemoryBytes);
  }
  return memory;
}

void StudyMemories::Weigh(int64_t uid, StudyMemory& memory) {
  const size_t bytes = memory.bytes();
  const MutexLock lock(mutex_);
  if (memories_.Contains(uid)) memories_.SetWeight(uid, bytes);
}

void StudyMemories::Forget(int64_t uid) {
  const MutexLock lock(mutex_);
  memories_.Erase(uid);
}

}  // namespace photinus
