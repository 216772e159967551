#include "server/scheduling/suggest_ahead.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "server/scheduling/suggest_points.h"
#include "server/study/study_state.h"

namespace photinus {
namespace {

constexpr size_t kStudies = 256;   // that are expected to be asked for, the latest
constexpr int64_t kMostAhead = 8;  // points; larger batches are computed when they are asked for
constexpr int kMaxLessons = 3;     // in a row, before other studies have their turn

// A study that cannot be served now is no fault.
bool IsFault(const absl::Status& status) {
  return !status.ok() && !absl::IsCancelled(status) && !absl::IsNotFound(status) && !absl::IsFailedPrecondition(status);
}

}  // namespace

SuggestAhead::SuggestAhead(StudyStore& store, StudyMemories& memories, ThreadPool& background)
    : store_(store),
      memories_(memories),
      background_(background),
      expected_(kStudies),
      changes_(store.changes().Subscribe([this](const StudyChange& change) { OnChange(change); })) {}

void SuggestAhead::Expect(int64_t uid, const StudyName& name, int64_t count) {
  const MutexLock lock(mutex_);
  Expected& expected = expected_.At(uid);
  expected.name = name;
  expected.count = std::clamp<int64_t>(count, 1, kMostAhead);
}

void SuggestAhead::OnChange(const StudyChange& change) {
  const MutexLock lock(mutex_);
  if (change.deleted) memories_.Forget(change.uid);
  if (!expected_.Contains(change.uid)) return;
  if (change.deleted) return expected_.Erase(change.uid);
  Submit(change.uid);
}

void SuggestAhead::Submit(int64_t uid) {
  Expected& expected = expected_.At(uid);
  expected.changed = true;
  if (expected.running || stopping_) return;
  expected.running = background_.Submit([this, uid] { Run(uid); });  // else the next change tries again
}

void SuggestAhead::Run(int64_t uid) {
  StudyName name;
  int64_t count = 0;
  {
    const MutexLock lock(mutex_);
    if (!expected_.Contains(uid)) return;
    Expected& expected = expected_.At(uid);
    expected.changed = false;
    name = expected.name;
    count = expected.count;
  }
  const absl::Status status = stopping_ ? absl::OkStatus() : Work(uid, name, count);
  if (IsFault(status)) spdlog::warn("cannot suggest ahead for {}: {}", name.ToString(), status.ToString());
  const MutexLock lock(mutex_);
  if (!expected_.Contains(uid)) return;
  Expected& expected = expected_.At(uid);
  expected.running = false;
  if (expected.changed) Submit(uid);
}

// Points first, because they are quick, and again once there is something new to know.
absl::Status SuggestAhead::Work(int64_t uid, const StudyName& name, int64_t count) {
  const auto cancelled = [this] { return stopping_.load(); };
  for (int lesson_number = 0; lesson_number <= kMaxLessons; ++lesson_number) {
    std::unique_ptr<SuggestionAlgorithm> algorithm;
    SuggestInputs inputs;
    const ReadOptions options{.cancelled = cancelled};
    RETURN_IF_ERROR(store_.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
      ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name));
      if (study.uid != uid) return absl::NotFoundError("the study was made anew");
      RETURN_IF_ERROR(CheckActive(name, study));
      ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, study));
      if (!problem->pythia_endpoint.empty()) return absl::OkStatus();
      ASSIGN_OR_RETURN(algorithm, MakeAlgorithm(problem->algorithm, problem->document.algorithm));
      ASSIGN_OR_RETURN(inputs, ReadInputs(store_.cache(), snapshot, study, name, *algorithm, read));
      return absl::OkStatus();
    }));
    if (algorithm == nullptr || !algorithm->UsesEncodedTrials(inputs.state, inputs.first_trial_id))
      return absl::OkStatus();
    inputs.count = static_cast<int>(count);
    const auto memory = memories_.At(uid);
    // Cancelled: a request came first, and learning matters all the more.
    const absl::Status prepared = memory->Prepare(*algorithm, inputs, cancelled);
    if (stopping_ || IsFault(prepared)) return prepared;
    memories_.Weigh(uid, *memory);
    const SuggestionAlgorithm::Lesson lesson = memory->Learn(*algorithm, inputs);
    if (lesson == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string learnt, lesson(cancelled));
    ASSIGN_OR_RETURN(const bool stored, StoreState(name, inputs, learnt));
    if (!stored) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> SuggestAhead::StoreState(const StudyName& name, const SuggestInputs& inputs,
                                              const std::string& state) {
  bool stored = false;
  const absl::Status status = store_.EditActive(name, [&](StudyEdit& edit) -> absl::Status {
    stored = false;
    if (edit.study().uid != inputs.study_uid) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto current,
                     edit.transaction().GetAlgorithmState(inputs.study_uid, inputs.problem->algorithm));
    if (current.value_or("") != inputs.state) return absl::OkStatus();
    stored = true;
    return edit.transaction().PutAlgorithmState(inputs.study_uid, inputs.problem->algorithm, state);
  });
  RETURN_IF_ERROR(status);
  return stored;
}

}  // namespace photinus
