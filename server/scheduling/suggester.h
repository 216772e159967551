// SuggestTrials: service.md C4-C9.
#ifndef PHOTINUS_SERVER_SCHEDULING_SUGGESTER_H_
#define PHOTINUS_SERVER_SCHEDULING_SUGGESTER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/names.h"
#include "server/scheduling/operation_leases.h"
#include "server/scheduling/point_source.h"
#include "server/scheduling/policy_endpoints.h"
#include "server/scheduling/study_memory.h"
#include "server/scheduling/suggest_ahead.h"
#include "server/scheduling/suggested.h"
#include "server/scheduling/thread_pool.h"
#include "server/scheduling/timer.h"
#include "server/study/assignment.h"
#include "server/study/request_id.h"
#include "server/study/study_store.h"

namespace photinus {

inline constexpr absl::Duration kInlineBudget = absl::Seconds(5);
inline constexpr int kMaxSuggestionCount = 1000;

// Serves claims of many clients. Those of one study form a queue that one thread at a time works off in batches: one
// question to the algorithm and one commit for all that wait. Algorithms that look at the history run on the compute
// pool, the others on the thread that asks; a policy that runs elsewhere is waited for on its endpoint's own pool. What
// the next request will get is computed ahead on pools of its own, and so is what takes the algorithm too long for a
// request (SuggestAhead). Thread-safe.
class Suggester {
 public:
  using Done = std::function<void(absl::StatusOr<Suggested>)>;

  struct Request {
    StudyName study;
    Claim claim;
    bool with_operation = true;                    // record an operation
    RequestId request_id = {};                     // with_operation: a repetition gets the same operation
    absl::Duration inline_budget = kInlineBudget;  // with_operation: answer "not done" after this
    std::function<bool()> cancelled;               // may be null: nobody waits any more, so give it nothing
  };

  // All are borrowed. Stop the pools after Stop and before the destructor.
  // `endpoints`: null where no policy may run elsewhere.
  Suggester(StudyStore& store, ThreadPool& compute, SuggestAhead::Pools ahead, Timer& timer,
            PolicyEndpoints* endpoints = nullptr);

  // Calls `done` exactly once, perhaps before returning. NotFound, FailedPrecondition (study not ACTIVE), Unavailable
  // (too much to do, stopping).
  void Suggest(Request request, Done done);

  // Renews the leases of the operations that are computed here, and takes over those that nobody computes any more. To
  // be called at start, and then every second or so.
  absl::Status TendOperations();

  const OperationLeases& leases() const { return leases_; }
  // Computes an abandoned operation here, unless somebody else was first. NotFound: the study was deleted.
  absl::Status TakeOver(const StudyRow& study, const OperationRow& operation);

  // Cancels what is being computed; the operations stay for other processes, or the next.
  void Stop() {
    stopping_ = true;
    ahead_.Stop();
  }

 private:
  struct Pending;
  struct Batch;
  struct Queue {
    std::deque<std::shared_ptr<Pending>> waiting;
    bool running = false;
  };

  // Whether the claim was served, or failed, without asking the algorithm: because it needs no new points, or those
  // were computed ahead. Else its operation, where it wants one, is on disk.
  bool ServeAtOnce(Pending& pending);
  // Trials computed ahead for all that the claim is to get, and nothing where there are none.
  absl::StatusOr<std::vector<NewTrial>> TakePrepared(StudyEdit& edit, const ClaimPlan& plan);
  // Where the study's algorithm runs, or is waited for; null: on the thread that asks.
  ThreadPool* PoolFor(const StudyProblem& problem, const SuggestionAlgorithm* algorithm);
  void Enqueue(std::shared_ptr<Pending> pending);
  // The whole queue of a study, which is then gone.
  std::vector<std::shared_ptr<Pending>> TakeAll(const StudyName& study);
  void RunQueue(const StudyName& study);
  // What is served next; once that is nothing, the queue is gone.
  std::vector<std::shared_ptr<Pending>> TakeBatch(const StudyName& study);
  void RunBatch(const StudyName& study, std::vector<std::shared_ptr<Pending>> pending);
  // For people who wonder where the points come from.
  static void LogExplanations(const Batch& batch);
  absl::Status Plan(Batch& batch);
  // Where `count` new points come from, for the study as the snapshot sees it.
  absl::StatusOr<std::unique_ptr<PointSource>> PlanPoints(Snapshot& snapshot, const StudyRow& study,
                                                          const std::shared_ptr<const StudyProblem>& problem,
                                                          int64_t count, const ReadOptions& read);
  absl::Status Compute(Batch& batch);
  // round: how often the batch was planned.
  absl::Status Commit(Batch& batch, int round);
  absl::Status Serve(StudyEdit& edit, Batch& batch, size_t index);
  // Makes trials of the batch's next points, as many as the claim misses.
  static absl::Status CreateTrialsFor(StudyEdit& edit, const TrialHolder& holder, Batch& batch, ClaimResult& result);
  void Fail(const std::vector<std::shared_ptr<Pending>>& pending, const absl::Status& status);
  // Writes that the operation failed, unless it was done elsewhere. Returns why it could not be written.
  absl::Status RecordFailure(OperationRow& operation, const absl::Status& status);
  // Tries an operation that is on disk again a little later: its lease is this process's.
  void RetryLater(std::shared_ptr<Pending> pending);
  // The claim's new operation, unfinished and computed here.
  absl::StatusOr<OperationRow> BeginOperation(StudyEdit& edit, const Request& request) const;
  absl::Status TakeOverAbandoned();

  StudyStore& store_;
  ThreadPool& compute_;
  Timer& timer_;
  PolicyEndpoints* const endpoints_;

  OperationLeases leases_;
  StudyMemories memories_;
  SuggestAhead ahead_;

  std::atomic<bool> stopping_ = false;

  Mutex mutex_;
  std::map<std::string, Queue> queues_ ABSL_GUARDED_BY(mutex_);  // by study name
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_SUGGESTER_H_
