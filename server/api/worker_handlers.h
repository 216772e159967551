// The unary RPCs of photinus.v1.WorkerService. Errors: docs/errors.md.
#ifndef PHOTINUS_SERVER_API_WORKER_HANDLERS_H_
#define PHOTINUS_SERVER_API_WORKER_HANDLERS_H_

#include <functional>

#include "absl/status/statusor.h"
#include "photinus/v1/query_service.pb.h"
#include "photinus/v1/worker_service.pb.h"
#include "server/api/call_context.h"
#include "server/scheduling/lease_table.h"
#include "server/scheduling/puller.h"
#include "server/scheduling/worker_table.h"
#include "server/study/study_store.h"

namespace photinus {

// Calls `done` exactly once, perhaps on another thread.
void HandlePullTrial(Puller& puller, LeaseTable& leases, WorkerTable& workers, const v1::PullTrialRequest& request,
                     const CallContext& context, std::function<void(absl::StatusOr<v1::PullTrialResponse>)> done);

absl::StatusOr<v1::HeartbeatResponse> HandleHeartbeat(LeaseTable& leases, WorkerTable& workers,
                                                      const v1::HeartbeatRequest& request);
absl::StatusOr<v1::ReleaseResponse> HandleRelease(StudyStore& store, const v1::ReleaseRequest& request);
absl::StatusOr<v1::ListWorkersResponse> HandleListWorkers(LeaseTable& leases, WorkerTable& workers);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_WORKER_HANDLERS_H_
