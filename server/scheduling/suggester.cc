#include "server/scheduling/suggester.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "server/scheduling/algorithm_points.h"
#include "server/scheduling/new_trials.h"
#include "server/scheduling/operation_records.h"
#include "server/scheduling/policy_points.h"
#include "server/study/replies.h"
#include "server/study/study_state.h"
#include "server/study/worker_state.h"

namespace photinus {
namespace {

// Of one question to an algorithm, unless a single claim wants more: so many get an algorithm's full care.
constexpr int64_t kBatchTrials = 32;
constexpr absl::Duration kRetryDelay = absl::Seconds(1);
// A batch is computed so often, because others create trials at the same time. Whoever computes it anew begins before
// them, so that this many rounds are hardly ever seen.
constexpr int kMaxRounds = 32;

absl::Status Stopping() { return absl::UnavailableError("the server is shutting down; try again"); }

absl::Status TooManyRounds() {
  return absl::UnavailableError("others suggest for this study all the time; try again in a moment");
}

// The storage cannot be reached, or met too many conflicts.
bool PassesSoon(const absl::Status& status) {
  if (ErrorReason(status) == kPythiaUnavailable) return false;  // how soon depends on people
  return absl::IsUnavailable(status) || absl::IsAborted(status);
}

absl::Status Overloaded() { return absl::UnavailableError("too many suggestions are being computed; try again"); }

// Null: a policy elsewhere has its place.
absl::StatusOr<std::unique_ptr<SuggestionAlgorithm>> MakeOwnAlgorithm(const StudyProblem& problem) {
  if (!problem.pythia_endpoint.empty()) return nullptr;
  return MakeAlgorithm(problem.algorithm, problem.document.algorithm);
}

}  // namespace

struct Suggester::Pending {
  StudyStore& store;
  Request request;
  Done done;
  std::optional<OperationRow> operation;  // unfinished, on disk
  std::shared_ptr<void> lease;            // of the operation
  StudyRow study;
  ThreadPool* pool = nullptr;  // see PoolFor
  std::atomic<bool> replied = false;

  explicit Pending(StudyStore& store) : store(store) {}

  // After the commit: the trials as clients see them are added here.
  void Reply(absl::StatusOr<Suggested> result) {
    if (replied.exchange(true)) return;
    if (result.ok()) result->trials = ReplyTrials(store, request.study, result->rows);
    done(std::move(result));
  }
  bool Gone() const { return request.cancelled != nullptr && request.cancelled(); }
};

// Claims of one study that are served together.
struct Suggester::Batch {
  StudyName study;
  std::vector<std::shared_ptr<Pending>> pending;
  std::unique_ptr<PointSource> source;  // null: no new points are needed
  // Outputs of the commit.
  size_t used = 0;                                                // of the points
  std::vector<std::optional<absl::StatusOr<Suggested>>> results;  // by pending claim; empty: more points are needed
};

Suggester::Suggester(StudyStore& store, ThreadPool& compute, SuggestAhead::Pools ahead, Timer& timer,
                     PolicyEndpoints* endpoints)
    : store_(store),
      compute_(compute),
      timer_(timer),
      endpoints_(endpoints),
      leases_(store),
      ahead_(store, memories_, ahead) {}

void Suggester::Suggest(Request request, Done done) {
  auto pending = std::make_shared<Pending>(store_);
  pending->request = std::move(request);
  pending->done = std::move(done);
  bool nothing = false;
  std::optional<Suggested> before;
  std::vector<OperationRow> abandoned;
  const absl::Status status = store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    const StudyName& name = pending->request.study;
    ASSIGN_OR_RETURN(pending->study, store_.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, pending->study));
    ASSIGN_OR_RETURN(before,
                     ServedBefore(snapshot, pending->study, pending->request.claim, pending->request.request_id));
    if (before.has_value()) return absl::OkStatus();
    RETURN_IF_ERROR(CheckActive(name, pending->study));
    ASSIGN_OR_RETURN(const auto algorithm, MakeOwnAlgorithm(*problem));
    pending->pool = PoolFor(*problem, algorithm.get());
    const Claim& claim = pending->request.claim;
    if (pending->request.with_operation) {
      if (pending->pool == nullptr) return absl::OkStatus();
      ASSIGN_OR_RETURN(auto own, snapshot.ListUnfinishedOperations(pending->study.uid, claim.holder.client_id));
      ASSIGN_OR_RETURN(abandoned, leases_.Abandoned(snapshot, std::move(own)));
      return absl::OkStatus();
    }
    // Pulls ask all studies again and again: a no is found without writing.
    ASSIGN_OR_RETURN(ClaimPool pool, MakeClaimPool(snapshot, pending->study, *problem, claim.count));
    ASSIGN_OR_RETURN(const ClaimPlan plan, PlanClaim(snapshot, pending->study, claim, pool));
    nothing = plan.own + plan.requested + plan.create == 0;
    return absl::OkStatus();
  });
  if (!status.ok()) return pending->Reply(status);
  if (before.has_value()) return pending->Reply(*std::move(before));
  for (const OperationRow& operation : abandoned) {
    if (const absl::Status taken = TakeOver(pending->study, operation); !taken.ok()) return pending->Reply(taken);
  }
  if (nothing) return pending->Reply(Suggested{pending->study, std::nullopt, {}, {}});
  if (pending->pool != nullptr && ServeAtOnce(*pending)) return;
  if (pending->operation.has_value()) {
    pending->lease = leases_.Keep(*pending->operation);
    timer_.After(pending->request.inline_budget, [weak = std::weak_ptr<Pending>(pending)] {
      const auto late = weak.lock();
      if (late != nullptr) late->Reply(Suggested{late->study, late->operation, {}, {}});
    });
  }
  Enqueue(std::move(pending));
}

ThreadPool* Suggester::PoolFor(const StudyProblem& problem, const SuggestionAlgorithm* algorithm) {
  if (algorithm != nullptr) return algorithm->UsesHistory(problem.space, problem.noisy) ? &compute_ : nullptr;
  ThreadPool* const pool = endpoints_ == nullptr ? nullptr : endpoints_->PoolOf(problem.pythia_endpoint);
  return pool == nullptr ? &compute_ : pool;  // to find that the endpoint is not allowed takes no time
}

bool Suggester::ServeAtOnce(Pending& pending) {
  const Request& request = pending.request;
  std::optional<Suggested> served;
  std::optional<OperationRow> begun;
  const absl::Status status = store_.EditActive(request.study, [&](StudyEdit& edit) -> absl::Status {
    served.reset();
    begun.reset();
    ASSIGN_OR_RETURN(const auto problem, edit.Problem());
    ASSIGN_OR_RETURN(served, ServedBefore(edit.transaction(), edit.study(), request.claim, request.request_id));
    if (served.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(ClaimPool pool, MakeClaimPool(edit.transaction(), edit.study(), *problem, request.claim.count));
    ASSIGN_OR_RETURN(const ClaimPlan plan, PlanClaim(edit.transaction(), edit.study(), request.claim, pool));
    ASSIGN_OR_RETURN(const std::vector<NewTrial> prepared, TakePrepared(edit, plan));
    const auto ready = static_cast<int64_t>(prepared.size());
    if (ready < plan.create) {
      if (request.with_operation) {
        ASSIGN_OR_RETURN(begun, BeginOperation(edit, request));
      }
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(ClaimResult claim, ClaimExisting(edit, request.claim, ready));
    if (claim.missing > ready) return absl::OkStatus();  // a trial was given up instead of restarted
    const std::vector<NewTrial> used(prepared.begin(), prepared.begin() + claim.missing);
    RETURN_IF_ERROR(CreateTrials(edit, request.claim.holder, used, claim));
    Suggested result;
    if (request.with_operation) {
      ASSIGN_OR_RETURN(result.operation, PutDoneOperation(edit, request.claim, request.request_id, claim.trials));
    }
    result.rows = std::move(claim.trials);
    result.study = edit.study();
    served = std::move(result);
    return absl::OkStatus();
  });
  pending.operation = begun;
  if (status.ok() && !served.has_value()) return false;
  pending.Reply(status.ok() ? absl::StatusOr<Suggested>(*std::move(served)) : status);
  return true;
}

absl::StatusOr<std::vector<NewTrial>> Suggester::TakePrepared(StudyEdit& edit, const ClaimPlan& plan) {
  std::vector<NewTrial> none;
  if (plan.create == 0) return none;
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  const int64_t uid = edit.study().uid;
  ASSIGN_OR_RETURN(const auto state, edit.transaction().GetAlgorithmState(uid, problem->algorithm));
  const auto prepared = memories_.At(uid)->Prepared(edit.study().version, state.value_or(""), plan.create);
  if (!prepared.has_value()) return none;
  if (prepared->state != state.value_or("")) {
    RETURN_IF_ERROR(edit.transaction().PutAlgorithmState(uid, problem->algorithm, prepared->state));
  }
  return NewTrials(*prepared, 0, prepared->suggestions.size());
}

absl::StatusOr<OperationRow> Suggester::BeginOperation(StudyEdit& edit, const Request& request) const {
  ASSIGN_OR_RETURN(OperationRow operation, NextOperation(edit, request.claim));
  RETURN_IF_ERROR(leases_.Grant(edit.transaction(), operation));
  RETURN_IF_ERROR(PutOperationOf(edit, request.request_id, operation));
  return operation;
}

void Suggester::Enqueue(std::shared_ptr<Pending> pending) {
  const StudyName study = pending->request.study;
  ThreadPool* const pool = pending->pool;
  {
    const MutexLock lock(mutex_);
    Queue& queue = queues_[study.ToString()];
    queue.waiting.push_back(std::move(pending));
    if (queue.running) return;
    queue.running = true;
  }
  if (pool == nullptr) return RunQueue(study);
  if (!pool->Submit([this, study] { RunQueue(study); })) {
    Fail(TakeAll(study), stopping_ ? Stopping() : Overloaded());
  }
}

std::vector<std::shared_ptr<Suggester::Pending>> Suggester::TakeAll(const StudyName& study) {
  const MutexLock lock(mutex_);
  auto queue = queues_.extract(study.ToString());
  return {queue.mapped().waiting.begin(), queue.mapped().waiting.end()};
}

void Suggester::RunQueue(const StudyName& study) {
  while (true) {
    std::vector<std::shared_ptr<Pending>> batch = TakeBatch(study);
    if (batch.empty()) return;
    RunBatch(study, std::move(batch));
  }
}

std::vector<std::shared_ptr<Suggester::Pending>> Suggester::TakeBatch(const StudyName& study) {
  std::vector<std::shared_ptr<Pending>> batch;
  std::vector<std::shared_ptr<Pending>> gone;
  {
    const MutexLock lock(mutex_);
    const auto queue = queues_.find(study.ToString());
    std::deque<std::shared_ptr<Pending>>& waiting = queue->second.waiting;
    int64_t trials = 0;
    while (!waiting.empty() && (batch.empty() || trials + waiting.front()->request.claim.count <= kBatchTrials)) {
      std::shared_ptr<Pending> next = std::move(waiting.front());
      waiting.pop_front();
      if (next->Gone()) {
        gone.push_back(std::move(next));
        continue;
      }
      trials += next->request.claim.count;
      batch.push_back(std::move(next));
    }
    if (batch.empty()) queues_.erase(queue);
  }
  for (const auto& pending : gone) pending->Reply(absl::CancelledError("nobody waits for the trial any more"));
  return batch;
}

void Suggester::LogExplanations(const Batch& batch) {
  for (size_t i = 0; i < batch.used; ++i) {
    spdlog::debug("{}: {}", batch.study.ToString(), batch.source->points().suggestions[i].explanation.text);
  }
}

void Suggester::RunBatch(const StudyName& study, std::vector<std::shared_ptr<Pending>> pending) {
  Batch batch;
  batch.study = study;
  batch.pending = std::move(pending);
  absl::Status status;
  for (int round = 1; round <= kMaxRounds; ++round) {
    status = Plan(batch);
    if (status.ok() && batch.source != nullptr) status = Compute(batch);
    if (status.ok()) status = Commit(batch, round);
    if (ErrorReason(status) != kTrialIdTaken) break;
    status = TooManyRounds();
  }
  if (!status.ok()) return Fail(batch.pending, stopping_ ? Stopping() : status);
  LogExplanations(batch);
  std::vector<std::shared_ptr<Pending>> unserved;
  for (size_t i = 0; i < batch.pending.size(); ++i) {
    if (batch.results[i].has_value()) {
      batch.pending[i]->Reply(*std::move(batch.results[i]));
    } else {
      unserved.push_back(batch.pending[i]);
    }
  }
  const MutexLock lock(mutex_);
  Queue& queue = queues_[study.ToString()];
  queue.waiting.insert(queue.waiting.begin(), unserved.begin(), unserved.end());
}

absl::Status Suggester::Plan(Batch& batch) {
  const ReadOptions options{.cancelled = [this] { return stopping_.load(); }};
  return store_.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    batch.source = nullptr;
    ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, batch.study));
    RETURN_IF_ERROR(CheckActive(batch.study, study));
    ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, study));
    int64_t wanted = 0, count = 0;
    for (const auto& pending : batch.pending) wanted += pending->request.claim.count;
    ASSIGN_OR_RETURN(ClaimPool pool, MakeClaimPool(snapshot, study, *problem, wanted));
    std::map<std::string, int64_t> planned;  // a client that asks twice gets the same trials twice
    for (const auto& pending : batch.pending) {
      Claim claim = pending->request.claim;
      int64_t& known = planned[claim.holder.client_id];
      claim.count -= known;
      if (claim.count <= 0) continue;
      ASSIGN_OR_RETURN(const ClaimPlan plan, PlanClaim(snapshot, study, claim, pool));
      known += plan.requested + plan.create;
      count += plan.create;
    }
    if (count == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(batch.source, PlanPoints(snapshot, study, problem, count, read));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::unique_ptr<PointSource>> Suggester::PlanPoints(Snapshot& snapshot, const StudyRow& study,
                                                                   const std::shared_ptr<const StudyProblem>& problem,
                                                                   int64_t count, const ReadOptions& read) {
  ASSIGN_OR_RETURN(std::unique_ptr<SuggestionAlgorithm> algorithm, MakeOwnAlgorithm(*problem));
  if (algorithm == nullptr) return PolicyPoints::Plan(snapshot, study, problem, count, endpoints_);
  const StudyName name = {study.owner, study.display_name};
  ASSIGN_OR_RETURN(SuggestInputs inputs, ReadInputs(store_.cache(), snapshot, study, name, *algorithm, read));
  inputs.count = static_cast<int>(count);
  if (inputs.history != nullptr && algorithm->UsesEncodedTrials(inputs.state, study.next_trial_id)) {
    ahead_.Expect(study.uid, name, count);
  }
  return std::make_unique<AlgorithmPoints>(std::move(algorithm), std::move(inputs), memories_);
}

absl::Status Suggester::Compute(Batch& batch) {
  const auto stopping = [this] { return stopping_.load(); };
  const auto unwanted = [this, &batch] {
    return stopping_ ||
           std::all_of(batch.pending.begin(), batch.pending.end(), [](const auto& p) { return p->Gone(); });
  };
  return batch.source->Compute(stopping, unwanted);
}

absl::Status Suggester::Commit(Batch& batch, int round) {
  return store_.EditActive(batch.study, [&](StudyEdit& edit) -> absl::Status {
    batch.used = 0;
    batch.results.assign(batch.pending.size(), std::nullopt);
    if (batch.source != nullptr) RETURN_IF_ERROR(batch.source->FitToNextId(edit, round));
    for (size_t i = 0; i < batch.pending.size(); ++i) RETURN_IF_ERROR(Serve(edit, batch, i));
    return batch.source == nullptr ? absl::OkStatus() : batch.source->Keep(edit, batch.used);
  });
}

absl::Status Suggester::Serve(StudyEdit& edit, Batch& batch, size_t index) {
  const Pending& pending = *batch.pending[index];
  const Claim& claim = pending.request.claim;
  auto elsewhere = pending.operation.has_value()
                       ? ServedElsewhere(edit.transaction(), edit.study(), *pending.operation)
                       : ServedBefore(edit.transaction(), edit.study(), claim, pending.request.request_id);
  if (absl::IsNotFound(elsewhere.status()) || absl::IsInvalidArgument(elsewhere.status())) {
    batch.results[index] = elsewhere.status();  // this client's mistake, and nobody else's of the batch
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(elsewhere.status());
  if (elsewhere->has_value()) {
    batch.results[index] = **std::move(elsewhere);
    return absl::OkStatus();
  }
  const bool used_up = batch.source != nullptr && batch.source->used_up();
  const int64_t left = batch.source == nullptr ? 0 : batch.source->left(batch.used);
  auto existing = ClaimExisting(edit, claim, used_up ? claim.count : left);
  if (ErrorReason(existing.status()) == kWorkerSuperseded) {
    batch.results[index] = existing.status();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(ClaimResult result, std::move(existing));
  if (result.missing > left && !used_up) return absl::OkStatus();
  if (batch.source != nullptr) RETURN_IF_ERROR(CreateTrialsFor(edit, claim.holder, batch, result));
  Suggested served;
  if (pending.operation.has_value()) {
    served.operation = pending.operation;
    FinishOperation(edit.now(), result.trials, *served.operation);
    RETURN_IF_ERROR(edit.transaction().PutOperation(*served.operation));
  } else if (pending.request.with_operation) {
    ASSIGN_OR_RETURN(served.operation, PutDoneOperation(edit, claim, pending.request.request_id, result.trials));
  }
  served.rows = std::move(result.trials);
  served.study = edit.study();
  batch.results[index] = std::move(served);
  return absl::OkStatus();
}

absl::Status Suggester::CreateTrialsFor(StudyEdit& edit, const TrialHolder& holder, Batch& batch, ClaimResult& result) {
  const PointSource& source = *batch.source;
  const int64_t count = std::max<int64_t>(0, std::min(result.missing, source.left(batch.used)));
  const size_t existed = result.trials.size();
  RETURN_IF_ERROR(
      CreateTrials(edit, holder, NewTrials(source.points(), batch.used, static_cast<size_t>(count)), result));
  for (size_t i = existed; i < result.trials.size(); ++i, ++batch.used) {
    RETURN_IF_ERROR(source.Annotate(edit, batch.used, result.trials[i]));
  }
  return absl::OkStatus();
}

void Suggester::Fail(const std::vector<std::shared_ptr<Pending>>& pending, const absl::Status& status) {
  for (const auto& failed : pending) {
    if (!failed->operation.has_value()) {
      failed->Reply(status);
      continue;
    }
    OperationRow operation = *failed->operation;
    const absl::Status fault = PassesSoon(status) ? status : RecordFailure(operation, status);
    if (fault.ok()) {
      failed->Reply(Suggested{failed->study, operation, {}, {}});
    } else if (PassesSoon(fault) && !stopping_) {
      RetryLater(failed);
    } else {
      if (stopping_) leases_.GiveUp(operation).IgnoreError();  // else others wait for it to expire
      failed->Reply(fault);
    }
  }
}

absl::Status Suggester::RecordFailure(OperationRow& operation, const absl::Status& status) {
  OperationRow failed = operation;
  FinishOperation(store_.clock().Now(), {}, failed);
  failed.error_code = static_cast<int32_t>(status.code());
  failed.error_message = std::string(status.message());
  ASSIGN_OR_RETURN(const bool recorded,
                   ChangeUnfinished(store_.storage(), operation, [&](Transaction&, OperationRow& stored) {
                     stored = failed;
                     return absl::OkStatus();
                   }));
  if (recorded) operation = failed;  // else another process has it done, and the client polls
  return absl::OkStatus();
}

void Suggester::RetryLater(std::shared_ptr<Pending> pending) {
  timer_.After(kRetryDelay, [this, pending = std::move(pending)] { Enqueue(pending); });
}

absl::Status Suggester::TakeOver(const StudyRow& study, const OperationRow& operation) {
  auto pending = std::make_shared<Pending>(store_);
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, study));
    pending->pool = problem->pythia_endpoint.empty() ? &compute_ : PoolFor(*problem, nullptr);
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(auto taken, leases_.TakeOver(operation));
  if (!taken.has_value()) return absl::OkStatus();
  pending->request.study = {study.owner, study.display_name};
  pending->request.claim = {{taken->client_id, ""}, taken->count};
  pending->done = [](const absl::StatusOr<Suggested>&) {};  // the client polls
  pending->lease = leases_.Keep(*taken);
  pending->operation = std::move(taken);
  pending->study = study;
  Enqueue(std::move(pending));
  return absl::OkStatus();
}

absl::Status Suggester::TakeOverAbandoned() {
  std::vector<std::pair<StudyRow, OperationRow>> abandoned;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    abandoned.clear();
    ASSIGN_OR_RETURN(auto unfinished, snapshot.ListUnfinishedOperations());
    ASSIGN_OR_RETURN(auto operations, leases_.Abandoned(snapshot, std::move(unfinished)));
    for (OperationRow& operation : operations) {
      ASSIGN_OR_RETURN(auto study, snapshot.GetStudy(operation.study_uid));
      if (study.has_value()) abandoned.emplace_back(*std::move(study), std::move(operation));
    }
    return absl::OkStatus();
  }));
  absl::Status last;
  for (const auto& [study, operation] : abandoned) {
    const absl::Status status = TakeOver(study, operation);
    if (!status.ok() && !absl::IsNotFound(status)) last = status;
  }
  return last;
}

absl::Status Suggester::TendOperations() {
  const absl::Status renewed = leases_.Renew();
  const absl::Status taken = TakeOverAbandoned();
  return renewed.ok() ? taken : renewed;
}

}  // namespace photinus
