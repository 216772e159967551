#include "server/api/artifact_streams.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/artifact_limits.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "server/api/grpc_call.h"
#include "server/api/part_sender.h"
#include "server/api/stream_steps.h"
#include "server/study/artifacts.h"

namespace photinus {
namespace {

constexpr int64_t kMaxUploadBytes = 512 << 20;  // of all uploads in progress, which are held in memory

int64_t Size(const std::string& bytes) { return static_cast<int64_t>(bytes.size()); }

// Collects the chunks, then stores them in one transaction.
class Receiver final : public grpc::ServerReadReactor<v1::PutArtifactRequest> {
 public:
  Receiver(ThreadPool& executor, StudyStore& store, std::atomic<int64_t>& upload_bytes)
      : executor_(executor), store_(store), upload_bytes_(upload_bytes), begin_(absl::Now()) {
    Read();
  }
  ~Receiver() override { upload_bytes_ -= Size(bytes_); }

 private:
  void OnReadDone(bool ok) override {
    steps_.Begin();
    if (ok) {
      const absl::Status status = Take();
      return status.ok() ? Read() : End(status);
    }
    if (!header_.has_value()) return End(FieldError("header", "is missing; it must come first"));
    if (!executor_.Submit([this] { End(Store()); })) End(TooBusy());
  }
  void OnDone() override {
    steps_.Begin();
    delete this;
  }

  void Read() {
    steps_.End();
    StartRead(&part_);
  }

  absl::Status Take() {
    if (part_.has_header()) return TakeHeader();
    if (!header_.has_value()) return FieldError("header", "is missing; it must come first");
    if (Size(bytes_) + Size(part_.chunk()) > header_->size()) {
      return FieldError("size", absl::StrCat("is ", header_->size(), ", but more bytes came"));
    }
    bytes_ += part_.chunk();
    if ((upload_bytes_ += Size(part_.chunk())) > kMaxUploadBytes) {
      return absl::UnavailableError("too many artifacts are being uploaded; try again");
    }
    return absl::OkStatus();
  }

  absl::Status TakeHeader() {
    if (header_.has_value()) return FieldError("header", "came twice");
    header_ = std::move(*part_.mutable_header());
    ASSIGN_OR_RETURN(trial_, ParseField<TrialName>("trial", header_->trial()));
    if (!header_->lease_token().empty()) {
      ASSIGN_OR_RETURN(lease_token_, LeaseToken::Parse(header_->lease_token()));
    }
    return CheckArtifactHeader(header_->name(), header_->size(), header_->sha256());
  }

  absl::Status Store() {
    const ArtifactRow artifact{trial_.id, header_->name(), header_->sha256(), header_->size()};
    return PutArtifact(store_, trial_, artifact, bytes_, lease_token_);
  }

  void End(const absl::Status& status) {
    LogCall("PutArtifact", absl::Now() - begin_, status);
    steps_.End();
    Finish(ToGrpcStatus(status));
  }

  ThreadPool& executor_;
  StudyStore& store_;
  std::atomic<int64_t>& upload_bytes_;
  const absl::Time begin_;
  StreamSteps steps_;

  v1::PutArtifactRequest part_;
  std::optional<v1::PutArtifactRequest::Header> header_;
  TrialName trial_;                        // of the header
  std::optional<LeaseToken> lease_token_;  // of the header
  std::string bytes_;
};

class Sender final : public PartSender<v1::GetArtifactResponse> {
 public:
  Sender(ThreadPool& executor, StudyStore& store, const std::atomic<bool>& stopping,
         const v1::GetArtifactRequest& request)
      : PartSender(executor, "GetArtifact", stopping), store_(store), request_(request) {
    Continue();
  }

 private:
  absl::StatusOr<bool> Fill(v1::GetArtifactResponse& part) override {
    ASSIGN_OR_RETURN(const TrialName trial, ParseField<TrialName>("trial", request_.trial()));
    if (!artifact_.has_value()) {
      ASSIGN_OR_RETURN(artifact_, FindArtifact(store_, trial, request_.name()));
      part.mutable_header()->set_size(artifact_->size);
      part.mutable_header()->set_sha256(artifact_->sha256);
      return true;
    }
    if (sent_ == artifact_->size) return false;
    const int64_t length = std::min(kArtifactChunkBytes, artifact_->size - sent_);
    ASSIGN_OR_RETURN(*part.mutable_chunk(), ReadArtifact(store_, trial, request_.name(), sent_, length));
    if (static_cast<int64_t>(part.chunk().size()) != length) {
      return absl::AbortedError("the artifact was replaced while it was read; read it again");
    }
    sent_ += length;
    return true;
  }

  StudyStore& store_;
  const v1::GetArtifactRequest request_;
  std::optional<ArtifactRow> artifact_;
  int64_t sent_ = 0;
};

}  // namespace

grpc::ServerReadReactor<v1::PutArtifactRequest>* ReceiveArtifact(ThreadPool& executor, StudyStore& store,
                                                                 std::atomic<int64_t>& upload_bytes,
                                                                 v1::PutArtifactResponse* /*response*/) {
  return new Receiver(executor, store, upload_bytes);
}

grpc::ServerWriteReactor<v1::GetArtifactResponse>* SendArtifact(ThreadPool& executor, StudyStore& store,
                                                                const std::atomic<bool>& stopping,
                                                                const v1::GetArtifactRequest* request) {
  return new Sender(executor, store, stopping, *request);
}

}  // namespace photinus
