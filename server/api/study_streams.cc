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
#include "server/api/grpc_call.h"
#include "server/api/stream_steps.h"
#include "server/transfer/study_export.h"
#include "server/transfer/study_import.h"

namespace photinus {
namespace {

constexpr int kMaxImports = 4;
constexpr size_t kPartBytes = size_t{1} << 20;  // of a message; some clients receive at most 4 MiB

// Reads the next lines when the last ones are on their way.
class Exporter final : public grpc::ServerWriteReactor<v1::ExportStudyResponse> {
 public:
  Exporter(ThreadPool& executor, StudyStore& store, const v1::ExportStudyRequest& request)
      : executor_(executor), store_(store), begin_(absl::Now()), request_(request) {
    Continue();
  }

 private:
  void OnWriteDone(bool ok) override {
    steps_.Begin();
    if (!ok) return End(absl::CancelledError("the client went away"));
    Continue();
  }
  void OnDone() override {
    steps_.Begin();
    delete this;
  }

  void Continue() {
    const bool accepted = executor_.Submit([this] {
      const absl::Status status = FillPart();
      if (!status.ok() || part_.lines().empty()) return End(status);
      steps_.End();
      StartWrite(&part_);
    });
    if (!accepted) End(TooBusy());
  }

  // The next part; empty at the end.
  absl::Status FillPart() {
    if (!export_.has_value()) {
      ASSIGN_OR_RETURN(StudyName name, StudyName::Parse(request_.name()));
      export_.emplace(store_, std::move(name), request_.artifacts());
    }
    if (sent_ == text_.size()) {
      ASSIGN_OR_RETURN(text_, export_->Next());
      sent_ = 0;
    }
    part_.set_lines(text_.substr(sent_, kPartBytes));
    part_.set_trials(export_->written());
    part_.set_total(export_->total());
    part_.set_changed(export_->changed());
    sent_ += part_.lines().size();
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    LogCall("ExportStudy", absl::Now() - begin_, status);
    steps_.End();
    Finish(MapStatus(status));
  }

  ThreadPool& executor_;
  StudyStore& store_;
  const absl::Time begin_;
  const v1::ExportStudyRequest request_;
  StreamSteps steps_;

  std::optional<StudyExport> export_;
  std::string text_;
  size_t sent_ = 0;  // of text_
  v1::ExportStudyResponse part_;
};

// Takes one part after the other, and reads the next only then.
class Importer final : public grpc::ServerReadReactor<v1::ImportStudyRequest> {
 public:
  Importer(ThreadPool& executor, StudyStore& store, LeaseTable& leases, std::atomic<int>& imports,
           v1::ImportStudyResponse& response)
      : executor_(executor),
        store_(store),
        leases_(leases),
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
    ASSIGN_OR_RETURN(OwnerName owner, OwnerName::Parse(part_.header().parent()));
    if (!part_.header().display_name().empty()) {
      RETURN_IF_ERROR(ValidateId("display_name", part_.header().display_name()));
    }
    import_.emplace(store_, std::move(owner), part_.header().display_name());
    return absl::OkStatus();
  }

  absl::Status Close() {
    if (!import_.has_value()) return FieldError("header", "is missing; it must come first");
    ASSIGN_OR_RETURN(const StudyImport::Imported imported, import_->Finish());
    response_.set_name(imported.name.ToString());
    response_.set_trials(imported.trials);
    // The study is stored, so that the call has succeeded whatever comes. A later start finds the leases, too.
    const absl::Status status = leases_.RecoverStudy(imported.uid);
    if (!status.ok()) spdlog::error("leases of {}: {}", imported.name.ToString(), status.ToString());
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    // What was not finished is removed before the client is told.
    import_.reset();
    LogCall("ImportStudy", absl::Now() - begin_, status);
    steps_.End();
    Finish(MapStatus(status));
  }

  ThreadPool& executor_;
  StudyStore& store_;
  LeaseTable& leases_;
  std::atomic<int>& imports_;
  v1::ImportStudyResponse& response_;
  const absl::Time begin_;
  StreamSteps steps_;

  v1::ImportStudyRequest part_;
  std::optional<StudyImport> import_;
};

}  // namespace

grpc::ServerWriteReactor<v1::ExportStudyResponse>* SendStudy(ThreadPool& executor, StudyStore& store,
                                                             const v1::ExportStudyRequest& request) {
  return new Exporter(executor, store, request);
}

grpc::ServerReadReactor<v1::ImportStudyRequest>* ReceiveStudy(ThreadPool& executor, StudyStore& store,
                                                              LeaseTable& leases, std::atomic<int>& imports,
                                                              v1::ImportStudyResponse* response) {
  return new Importer(executor, store, leases, imports, *response);
}

}  // namespace photinus
