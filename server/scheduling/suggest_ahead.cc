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
#include "server/study/budget.h"

namespace photinus {
namespace {

constexpr size_t kStudies = 256;   // that are expected to be asked for, the latest
constexpr int64_t kMostAhead = 8;  // points; larger batches are computed when they are asked for

// A study that cannot be served now is no fault.
bool IsFault(const absl::Status& status) {
  return !status.ok() && !absl::IsCancelled(status) && !absl::IsNotFound(status) && !absl::IsFailedPrecondition(status);
}

void LogFault(const StudyName& name, const absl::Status& status) {
  if (IsFault(status)) spdlog::warn("cannot suggest ahead for {}: {}", name.ToString(), status.ToString());
}

}  // namespace

SuggestAhead::SuggestAhead(StudyStore& store, StudyMemories& memories, Pools pools)
    : store_(store),
      memories_(memories),
      pools_(pools),
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
  SubmitPreparation(change.uid);
}

void SuggestAhead::SubmitPreparation(int64_t uid) {
  Expected& expected = expected_.At(uid);
  expected.changed = true;
  if (expected.preparing || stopping_) return;
  // If the pool takes no more, the next change tries again.
  expected.preparing = pools_.preparing.Submit([this, uid] { RunPreparation(uid); });
}

void SuggestAhead::SubmitLesson(int64_t uid) {
  Expected& expected = expected_.At(uid);
  if (expected.to_learn || stopping_) return;
  expected.to_learn = pools_.learning.Submit([this, uid] { RunLesson(uid); });
}

void SuggestAhead::RunPreparation(int64_t uid) {
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
  LogFault(name, Prepare(uid, name, count));
  const MutexLock lock(mutex_);
  if (!expected_.Contains(uid)) return;
  expected_.At(uid).preparing = false;
  if (expected_.At(uid).changed) SubmitPreparation(uid);
  SubmitLesson(uid);  // also where a request came first: then learning matters all the more
}

void SuggestAhead::RunLesson(int64_t uid) {
  StudyName name;
  {
    const MutexLock lock(mutex_);
    if (!expected_.Contains(uid)) return;
    expected_.At(uid).to_learn = false;
    name = expected_.At(uid).name;
  }
  const absl::StatusOr<bool> learnt = Learn(uid, name);
  LogFault(name, learnt.status());
  const MutexLock lock(mutex_);
  if (learnt.value_or(false) && expected_.Contains(uid)) SubmitPreparation(uid);
}

absl::Status SuggestAhead::Prepare(int64_t uid, const StudyName& name, int64_t count) {
  ASSIGN_OR_RETURN(std::optional<Question> next, NextQuestion(uid, name));
  if (!next.has_value()) return absl::OkStatus();
  next->inputs.count = static_cast<int>(count);
  const auto memory = memories_.At(uid);
  const absl::Status prepared = memory->Prepare(*next->algorithm, next->inputs, [this] { return IsStopping(); });
  memories_.Weigh(uid, *memory);
  return prepared;
}

absl::StatusOr<bool> SuggestAhead::Learn(int64_t uid, const StudyName& name) {
  ASSIGN_OR_RETURN(const std::optional<Question> next, NextQuestion(uid, name));
  if (!next.has_value()) return false;
  const SuggestionAlgorithm::Lesson lesson = memories_.At(uid)->Learn(*next->algorithm, next->inputs);
  if (lesson == nullptr) return false;
  ASSIGN_OR_RETURN(const std::string learnt, lesson([this] { return IsStopping(); }));
  RETURN_IF_ERROR(StoreState(name, next->inputs, learnt));
  return true;
}

absl::StatusOr<std::optional<SuggestAhead::Question>> SuggestAhead::NextQuestion(int64_t uid, const StudyName& name) {
  if (stopping_) return std::nullopt;
  Question next;
  const ReadOptions options{.cancelled = [this] { return IsStopping(); }};
  RETURN_IF_ERROR(store_.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    next.algorithm = nullptr;
    ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name));
    if (study.uid != uid) return absl::NotFoundError("the study was made anew");
    ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, study));
    if (!problem->pythia_endpoint.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Allowance allowance, AllowanceOf(snapshot, study, *problem));
    if (allowance.create == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(next.algorithm, MakeAlgorithm(problem->algorithm, problem->document.algorithm));
    ASSIGN_OR_RETURN(next.inputs, ReadInputs(store_.cache(), snapshot, study, name, *next.algorithm, read));
    return absl::OkStatus();
  }));
  const bool quick = next.algorithm == nullptr || next.inputs.history == nullptr ||
                     !next.algorithm->UsesEncodedTrials(next.inputs.state, next.inputs.first_trial_id);
  return quick ? std::nullopt : std::optional(std::move(next));
}

absl::Status SuggestAhead::StoreState(const StudyName& name, const SuggestInputs& inputs, const std::string& state) {
  return store_.EditActive(name, [&](StudyEdit& edit) -> absl::Status {
    const bool is_of_old_problem = edit.study().problem_version > inputs.version;
    if (edit.study().uid != inputs.study_uid || is_of_old_problem) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto current,
                     edit.transaction().GetAlgorithmState(inputs.study_uid, inputs.problem->algorithm));
    if (current.value_or("") != inputs.state) return absl::OkStatus();
    return edit.transaction().PutAlgorithmState(inputs.study_uid, inputs.problem->algorithm, state);
  });
}

}  // namespace photinus
