// WatchStudy: a stream that lives on the change feed and holds no thread.
#ifndef PHOTINUS_SERVER_API_WATCH_STREAM_H_
#define PHOTINUS_SERVER_API_WATCH_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "photinus/v1/query_service.pb.h"
#include "server/api/grpc_call.h"
#include "server/scheduling/timer.h"
#include "server/study/study_store.h"

namespace photinus {

class WatchStream;

// All watches of a server. Thread-safe.
class Watches {
 public:
  // All are borrowed.
  Watches(CallPools pools, Timer& timer, StudyStore& store);
  ~Watches();

  // The reactor of a new watch; it lives until gRPC is done with it.
  grpc::ServerWriteReactor<v1::WatchStudyResponse>* Open(const v1::WatchStudyRequest& request);

  // Ends all watches, Unavailable, so that clients reconnect elsewhere.
  void Stop();

 private:
  friend class WatchStream;
  void Remove(const std::shared_ptr<WatchStream>& stream);

  const CallPools pools_;
  Timer& timer_;
  StudyStore& store_;

  Mutex mutex_;
  std::set<std::shared_ptr<WatchStream>> streams_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_WATCH_STREAM_H_
