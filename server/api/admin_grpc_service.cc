#include "server/api/admin_grpc_service.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/new_file.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "server/api/grpc_call.h"
#include "server/api/part_sender.h"

namespace photinus {
namespace {

constexpr int64_t kChunkBytes = int64_t{1} << 20;

// Makes the copy, then reads each chunk when the last one is on its way.
class BackupSender final : public PartSender<v1::BackupResponse> {
 public:
  BackupSender(ThreadPool& executor, Storage& storage, std::atomic<bool>& busy, const std::atomic<bool>& stopping)
      : PartSender(executor, "Backup", stopping), storage_(storage), busy_(busy), stopping_(stopping) {
    owns_busy_ = !busy_.exchange(true);
    if (owns_busy_) {
      Continue();
    } else {
      End(absl::UnavailableError("another backup is being made; try again when it is done"));
    }
  }
  ~BackupSender() override {
    if (owns_busy_) busy_ = false;
  }

 private:
  void OnCancel() override { client_went_ = true; }

  absl::StatusOr<bool> Fill(v1::BackupResponse& part) override {
    if (!copy_.is_open()) {
      RETURN_IF_ERROR(MakeCopy());
      part.set_size(size_);
      return true;
    }
    if (part.has_end()) return false;
    if (sent_ == size_) {
      part.mutable_end()->set_sha256(sha256_.HexDigest());
      return true;
    }
    std::string& chunk = *part.mutable_chunk();
    chunk.resize(static_cast<size_t>(std::min(kChunkBytes, size_ - sent_)));
    if (!copy_.read(chunk.data(), static_cast<std::streamsize>(chunk.size()))) {
      return absl::UnavailableError("the copy of the database cannot be read");
    }
    sha256_.Update(chunk);
    sent_ += static_cast<int64_t>(chunk.size());
    return true;
  }

  absl::Status MakeCopy() {
    ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
    const std::string path = folder.File("copy");
    const absl::Status status = storage_.Backup(path, [this] { return client_went_ || stopping_; });
    if (absl::IsCancelled(status) && stopping_) {
      return Stopping("try again when it is back");
    }
    RETURN_IF_ERROR(status);
    copy_.open(path, std::ios::binary | std::ios::ate);
    if (!copy_) return FileError(path, "opened");
    size_ = static_cast<int64_t>(copy_.tellg());
    copy_.seekg(0);
    // The open file outlives its folder, and goes with this stream or process.
    return absl::OkStatus();
  }

  Storage& storage_;
  std::atomic<bool>& busy_;
  const std::atomic<bool>& stopping_;
  std::atomic<bool> client_went_ = false;
  bool owns_busy_ = false;

  std::ifstream copy_;
  int64_t size_ = 0;
  int64_t sent_ = 0;
  Sha256 sha256_;
};

}  // namespace

grpc::ServerWriteReactor<v1::BackupResponse>* AdminGrpcService::Backup(grpc::CallbackServerContext*,
                                                                       const v1::BackupRequest*) {
  return new BackupSender(executor_, storage_, busy_, stopping_);
}

}  // namespace photinus
