// PutArtifact and GetArtifact: streams that hold no thread.
#ifndef PHOTINUS_SERVER_API_ARTIFACT_STREAMS_H_
#define PHOTINUS_SERVER_API_ARTIFACT_STREAMS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>

#include "photinus/v1/worker_service.pb.h"
#include "server/scheduling/thread_pool.h"
#include "server/study/study_store.h"

namespace photinus {

// Both return a reactor that deletes itself; the rest is borrowed and must outlive it. `upload_bytes` counts what all
// uploads of a service hold in memory. Downloads end soon once `stopping`; uploads are what the server waits for.
grpc::ServerReadReactor<v1::PutArtifactRequest>* ReceiveArtifact(ThreadPool& executor, StudyStore& store,
                                                                 std::atomic<int64_t>& upload_bytes,
                                                                 v1::PutArtifactResponse* response);
grpc::ServerWriteReactor<v1::GetArtifactResponse>* SendArtifact(ThreadPool& executor, StudyStore& store,
                                                                const std::atomic<bool>& stopping,
                                                                const v1::GetArtifactRequest* request);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_ARTIFACT_STREAMS_H_
