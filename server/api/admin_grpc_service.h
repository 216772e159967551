// photinus.v1.AdminService over gRPC.
#ifndef PHOTINUS_SERVER_API_ADMIN_GRPC_SERVICE_H_
#define PHOTINUS_SERVER_API_ADMIN_GRPC_SERVICE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <string>

#include "photinus/v1/admin_service.grpc.pb.h"
#include "server/scheduling/thread_pool.h"
#include "server/storage/storage.h"

namespace photinus {

class AdminGrpcService final : public v1::AdminService::CallbackService {
 public:
  // Both are borrowed.
  AdminGrpcService(ThreadPool& executor, Storage& storage) : executor_(executor), storage_(storage) {}

  // A backup in progress ends early.
  void Stop() { stopping_ = true; }

 private:
  grpc::ServerWriteReactor<v1::BackupResponse>* Backup(grpc::CallbackServerContext* context,
                                                       const v1::BackupRequest* request) override;

  ThreadPool& executor_;
  Storage& storage_;
  std::atomic<bool> busy_ = false;  // one backup at a time
  std::atomic<bool> stopping_ = false;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_ADMIN_GRPC_SERVICE_H_
