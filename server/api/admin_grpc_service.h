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
  // All are borrowed. A backup in progress ends early once `stopping`.
  AdminGrpcService(ThreadPool& executor, Storage& storage, const std::atomic<bool>& stopping)
      : executor_(executor), storage_(storage), stopping_(stopping) {}

 private:
  grpc::ServerWriteReactor<v1::BackupResponse>* Backup(grpc::CallbackServerContext* context,
                                                       const v1::BackupRequest* request) override;

  ThreadPool& executor_;
  Storage& storage_;
  const std::atomic<bool>& stopping_;
  std::atomic<bool> busy_ = false;  // one backup at a time
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_ADMIN_GRPC_SERVICE_H_
