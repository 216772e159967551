#include "server/api/watch_stream.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/names.h"
#include "server/api/query_handlers.h"
#include "server/study/study_status.h"

namespace photinus {
namespace {

// Changes that come closer together than this travel in one message.
constexpr absl::Duration kLeastBetweenMessages = absl::Milliseconds(100);

}  // namespace

// One watch. At any moment it either waits for a change, or one step is on its way: reading, writing or pausing.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchStudyResponse>,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  explicit WatchStream(Watches& watches) : watches_(watches), begin_(absl::Now()) {}

  void Begin(const v1::WatchStudyRequest& request) {
    auto name = ParseField<StudyName>("name", request.name());
    if (!name.ok()) return End(name.status());
    name_ = *std::move(name);
    {
      const MutexLock lock(mutex_);
      position_.uid = request.uid();
      if (request.uid() != 0) position_.version = request.version();
      position_.told = request.version();
    }
    // Before the first look, so that no change between the two is missed.
    subscription_ = watches_.store_.changes().Subscribe([weak = weak_from_this()](const StudyChange& change) {
      if (const auto stream = weak.lock(); stream != nullptr) stream->OnChange(change);
    });
    GoOn();
  }

  void End(const absl::Status& status) {
    const MutexLock lock(mutex_);
    if (ended_) return;
    ended_ = true;
    final_status_ = status;
    LogCall("WatchStudy", absl::Now() - begin_, status);
    if (!writing_) Finish(ToGrpcStatus(status));  // else once the write is done
  }

 private:
  // On the thread that committed the change, inside the feed: takes note, and hands over to the executor.
  void OnChange(const StudyChange& change) {
    {
      const MutexLock lock(mutex_);
      if (position_.uid != 0 && (change.uid != position_.uid || change.version <= position_.version)) return;
      changed_ = true;
      if (busy_ || ended_) return;
      busy_ = true;
    }
    if (Step()) return;
    const MutexLock lock(mutex_);
    busy_ = false;  // overloaded: the next change tries again
  }

  bool Step() {
    return watches_.pools_.calls.Submit([self = shared_from_this()] { self->Look(/*may_be_long=*/false); });
  }

  bool LongStep() {
    return watches_.pools_.long_reads.Submit([self = shared_from_this()] { self->Look(/*may_be_long=*/true); });
  }

  void Look(bool may_be_long) {
    UpdatePosition position;
    bool first = false;
    {
      const MutexLock lock(mutex_);
      if (ended_) return;
      first = first_;
      position = position_;
      if (position.left.empty()) changed_ = false;  // else this step does not look at what changed
    }
    const ReadOptions options{.may_be_long = may_be_long, .cancelled = [this] { return Ended(); }};
    auto update = GetStudyUpdate(watches_.store_, name_, position, options);
    if (IsLongReadNeeded(update.status())) {
      if (!LongStep()) End(absl::UnavailableError("the server is too busy or shutting down; watch again"));
      return;
    }
    if (absl::IsNotFound(update.status()) && position.uid != 0) return End(absl::OkStatus());  // deleted while watched
    if (!update.ok()) return End(update.status());
    if (!first && position.left.empty() && position.version == update->status.version) return Rest();
    const MutexLock lock(mutex_);
    if (ended_) return;
    first_ = false;
    position_ = update->next;
    over_ = update->over;
    response_ = ToResponse(*std::move(update));
    writing_ = true;
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    bool over = false;
    bool more = false;
    {
      const MutexLock lock(mutex_);
      writing_ = false;
      if (ended_) return Finish(ToGrpcStatus(final_status_));
      over = over_;
      more = !position_.left.empty();
    }
    if (!ok) return End(absl::CancelledError("the client went away"));
    if (over) return End(absl::OkStatus());
    if (more) return GoOn();
    watches_.timer_.After(kLeastBetweenMessages, [weak = weak_from_this()] {
      if (const auto stream = weak.lock(); stream != nullptr) stream->Rest();
    });
  }

  bool Ended() {
    const MutexLock lock(mutex_);
    return ended_;
  }

  // Goes on at once if something changed meanwhile, else waits for a change.
  void Rest() {
    {
      const MutexLock lock(mutex_);
      busy_ = changed_;
      if (!busy_ || ended_) return;
    }
    GoOn();
  }

  void GoOn() {
    if (!Step()) End(absl::UnavailableError("the server is too busy or shutting down; watch again"));
  }

  void OnCancel() override { End(absl::CancelledError("the client went away")); }

  void OnDone() override {
    subscription_.reset();
    watches_.Remove(shared_from_this());
  }

  Watches& watches_;
  const absl::Time begin_;

  StudyName name_;
  ChangeFeed::Subscription subscription_;
  v1::WatchStudyResponse response_;  // of the write in progress

  Mutex mutex_;  // also held while a write or the end begins, so that no write begins after the end
  UpdatePosition position_ ABSL_GUARDED_BY(mutex_);  // after what was sent, or is being sent
  bool first_ ABSL_GUARDED_BY(mutex_) = true;        // no message yet; a watch begins with one
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;     // since the last look
  bool busy_ ABSL_GUARDED_BY(mutex_) = true;         // a step is on its way
  bool over_ ABSL_GUARDED_BY(mutex_) = false;        // the message in progress is the last
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status final_status_ ABSL_GUARDED_BY(mutex_);
};

Watches::Watches(CallPools pools, Timer& timer, StudyStore& store) : pools_(pools), timer_(timer), store_(store) {}

Watches::~Watches() { Stop(); }

grpc::ServerWriteReactor<v1::WatchStudyResponse>* Watches::Open(const v1::WatchStudyRequest& request) {
  const auto stream = std::make_shared<WatchStream>(*this);
  bool stopping = false;
  {
    const MutexLock lock(mutex_);
    streams_.insert(stream);
    stopping = stopping_;
  }
  if (stopping) {
    stream->End(absl::UnavailableError("the server is shutting down; watch again"));
  } else {
    stream->Begin(request);
  }
  return stream.get();
}

void Watches::Stop() {
  std::set<std::shared_ptr<WatchStream>> streams;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    streams = streams_;
  }
  for (const auto& stream : streams) stream->End(absl::UnavailableError("the server is shutting down; watch again"));
}

void Watches::Remove(const std::shared_ptr<WatchStream>& stream) {
  const MutexLock lock(mutex_);
  streams_.erase(stream);
}

}  // namespace photinus
