#include "server/api/study_streams.h"

#include <spdlog/spdlog.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "server/api/grpc_call.h"
#include "server/api/part_sender.h"
#include "server/api/stream_steps.h"
#include "server/transfer/study_export.h"
#include "server/transfer/study_import.h"

namespace photinus {
namespace {

constexpr int kMaxImports = 4;
constexpr size_t kPartBytes = size_t{1} << 20;  // of a message; some clients receive at most 4 MiB

// Reads the next lines when the last ones are on their way.
class Exporter final : public PartSender<v1::ExportStudyResponse> {
 public:
  Exporter(ThreadPool& executor, StudyStore& store, const std::atomic<bool>& stopping,
           const v1::ExportStudyRequest& request)
      : PartSender(executor, "ExportStudy", stopping), store_(store), request_(request) {
    Continue();
  }

 private:
  absl::StatusOr<bool> Fill(v1::ExportStudyResponse& part) override {
    if (!export_.has_value()) {
      ASSIGN_OR_RETURN(StudyName name, ParseField<StudyName>("name", request_.name()));
      export_.emplace(store_, std::move(name), request_.artifacts());
    }
    if (sent_ == text_.size()) {
      ASSIGN_OR_RETURN(text_, export_->Next());
      sent_ = 0;
    }
    part.set_lines(text_.substr(sent_, kPartBytes));
    part.set_trials(export_->written());
    part.set_total(export_->total());
    part.set_changed(export_->changed());
    sent_ += part.lines().size();
    return !part.lines().empty();
  }

  StudyStore& store_;
  const v1::ExportStudyRequest request_;
  std::optional<StudyExport> export_;
  std::string text_;
  size_t sent_ = 0;  // of text_
};

// Takes one part after the other, and reads the next only then.
class Importer final : public grpc::ServerReadReactor<v1::ImportStudyRequest> {
 public:
  Importer(ThreadPool& executor, StudyStore& store, const std::atomic<bool>& stopping, std::atomic<int>& imports,
           v1::ImportStudyResponse& response)
      : executor_(executor),
        store_(store),
        stopping_(stopping),
        imports_(imports),
        response_(response),
        begin_(absl::Now()) {
    if (++imports_ <= kMaxImports) {
      Read();
    } else {
      End(absl::UnavailableError("too many studies are being imported; try again"));
    }
  }
  ~Importer() override { --imports_; }

 private:
  void OnReadDone(bool ok) override {
    steps_.Begin();
    const bool accepted = executor_.Submit([this, ok] {
      if (!ok) return End(Close());
      if (stopping_) return End(Stopping("nothing of the study is stored: import it again when it is back"));
      if (const absl::Status status = Take(); !status.ok()) return End(status);
      Read();
    });
    if (!accepted) End(TooBusy());
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
    if (!part_.has_header()) {
      if (!import_.has_value()) return FieldError("header", "is missing; it must come first");
      return import_->Take(part_.lines());
    }
    if (import_.has_value()) return FieldError("header", "came twice");
    ASSIGN_OR_RETURN(OwnerName owner, ParseField<OwnerName>("header.parent", part_.header().parent()));
    if (!part_.header().display_name().empty()) {
      RETURN_IF_ERROR(ValidateId("header.display_name", part_.header().display_name()));
    }
    import_.emplace(store_, std::move(owner), part_.header().display_name());
    return absl::OkStatus();
  }

  absl::Status Close() {
    if (!import_.has_value()) return FieldError("header", "is missing; it must come first");
    ASSIGN_OR_RETURN(const StudyImport::Imported imported, import_->Finish());
    response_.set_name(imported.name.ToString());
    response_.set_trials(imported.trials);
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    // What was not finished is removed before the client is told.
    import_.reset();
    LogCall("ImportStudy", absl::Now() - begin_, status);
    steps_.End();
    Finish(ToGrpcStatus(status));
  }

  ThreadPool& executor_;
  StudyStore& store_;
  const std::atomic<bool>& stopping_;
  std::atomic<int>& imports_;
  v1::ImportStudyResponse& response_;
  const absl::Time begin_;
  StreamSteps steps_;

  v1::ImportStudyRequest part_;
  std::optional<StudyImport> import_;
};

}  // namespace

grpc::ServerWriteReactor<v1::ExportStudyResponse>* SendStudy(ThreadPool& executor, StudyStore& store,
                                                             const std::atomic<bool>& stopping,
                                                             const v1::ExportStudyRequest& request) {
  return new Exporter(executor, store, stopping, request);
}

grpc::ServerReadReactor<v1::ImportStudyRequest>* ReceiveStudy(ThreadPool& executor, StudyStore& store,
                                                              const std::atomic<bool>& stopping,
                                                              std::atomic<int>& imports,
                                                              v1::ImportStudyResponse* response) {
  return new Importer(executor, store, stopping, imports, *response);
}

}  // namespace photinus
