// ExportStudy and ImportStudy: a step at a time, each holding a thread of the executor only while it runs.
#ifndef PHOTINUS_SERVER_API_STUDY_STREAMS_H_
#define PHOTINUS_SERVER_API_STUDY_STREAMS_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>

#include "photinus/v1/query_service.pb.h"
#include "server/scheduling/thread_pool.h"
#include "server/study/study_store.h"

namespace photinus {

// All are borrowed. Both end soon once `stopping`.
grpc::ServerWriteReactor<v1::ExportStudyResponse>* SendStudy(ThreadPool& executor, StudyStore& store,
                                                             const std::atomic<bool>& stopping,
                                                             const v1::ExportStudyRequest& request);

// `imports` counts those in progress, of which there may be few: each holds a line of the text in memory.
grpc::ServerReadReactor<v1::ImportStudyRequest>* ReceiveStudy(ThreadPool& executor, StudyStore& store,
                                                              const std::atomic<bool>& stopping,
                                                              std::atomic<int>& imports,
                                                              v1::ImportStudyResponse* response);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_STUDY_STREAMS_H_
