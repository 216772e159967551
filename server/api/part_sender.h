// Streams of parts to a client, each of which is made when the last one is on its way.
#ifndef PHOTINUS_SERVER_API_PART_SENDER_H_
#define PHOTINUS_SERVER_API_PART_SENDER_H_

#include <grpcpp/grpcpp.h>

#include <atomic>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/grpc_status.h"
#include "server/api/grpc_call.h"
#include "server/api/stream_steps.h"

namespace photinus {

// Deletes itself at the end, which comes early once the server stops. A subclass's constructor calls Continue or End.
template <typename Part>
class PartSender : public grpc::ServerWriteReactor<Part> {
 protected:
  // `rpc`: its name in the log, a literal.
  PartSender(ThreadPool& executor, const char* rpc, const std::atomic<bool>& stopping)
      : executor_(executor), rpc_(rpc), stopping_(stopping), begin_(absl::Now()) {}

  // The next part, into `part`, which holds the last one; false at the end.
  virtual absl::StatusOr<bool> Fill(Part& part) = 0;

  void Continue() {
    const bool accepted = executor_.Submit([this] {
      if (stopping_) return End(Stopping("try again when it is back"));
      const absl::StatusOr<bool> more = Fill(part_);
      if (!more.ok() || !*more) return End(more.status());
      steps_.End();
      this->StartWrite(&part_);
    });
    if (!accepted) End(TooBusy());
  }

  void End(const absl::Status& status) {
    LogCall(rpc_, absl::Now() - begin_, status);
    steps_.End();
    this->Finish(ToGrpcStatus(status));
  }

 private:
  void OnWriteDone(bool ok) final {
    steps_.Begin();
    if (!ok) return End(absl::CancelledError("the client went away"));
    Continue();
  }
  void OnDone() final {
    steps_.Begin();
    delete this;
  }

  ThreadPool& executor_;
  const char* const rpc_;
  const std::atomic<bool>& stopping_;
  const absl::Time begin_;
  StreamSteps steps_;
  Part part_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_PART_SENDER_H_
