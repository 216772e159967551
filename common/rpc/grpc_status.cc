#include "common/rpc/grpc_status.h"

#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace photinus {
namespace {

constexpr char kFieldKey[] = "field";

// Of the message, which travels twice, and of the field: clients take trailers of 8 KiB at least, and an error that
// does not fit would become another error.
constexpr size_t kMaxBytes = 1024;

// The message of a FieldError begins with "field: "; FieldError adds that again.
std::string WithoutField(std::string_view message, std::string_view field) {
  const size_t prefix = field.size() + 2;
  return std::string(message.size() >= prefix && message.substr(0, field.size()) == field ? message.substr(prefix)
                                                                                          : message);
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = Shortened(std::string_view(status.message().data(), status.message().size()), kMaxBytes);
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(ErrorReason(status));
  info.set_domain(kErrorDomain);
  const std::string field = ErrorField(status);
  if (!field.empty() && field.size() <= kMaxBytes) (*info.mutable_metadata())[kFieldKey] = field;
  details.add_details()->PackFrom(info);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message, details.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      if (!detail.Is<google::rpc::ErrorInfo>() || !detail.UnpackTo(&info)) continue;
      const auto field = info.metadata().find(kFieldKey);
      if (field == info.metadata().end()) return Error(code, info.reason(), status.error_message());
      return FieldError(field->second, WithoutField(status.error_message(), field->second));
    }
  }
  return absl::Status(code, status.error_message());
}

}  // namespace photinus
