#include "server/api/grpc_call.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace photinus {
namespace {

constexpr char kLeaseTokenHeader[] = "x-lease-token";
constexpr char kRequestIdHeader[] = "x-request-id";
constexpr char kStrictCreateHeader[] = "x-strict-create";

std::string Header(const grpc::CallbackServerContext& context, const char* name) {
  const auto header = context.client_metadata().find(name);
  if (header == context.client_metadata().end()) return "";
  return {header->second.data(), header->second.size()};
}

bool IsOurFault(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsDataLoss(status);
}

}  // namespace

CallContext MakeCallContext(const grpc::CallbackServerContext& context, std::shared_ptr<const std::atomic<bool>> over) {
  CallContext call;
  const auto deadline = context.deadline();
  if (deadline != std::chrono::system_clock::time_point::max()) {
    call.remaining = absl::FromChrono(deadline - std::chrono::system_clock::now());
  }
  call.lease_token = Header(context, kLeaseTokenHeader);
  call.request_id = Header(context, kRequestIdHeader);
  call.strict_create = context.client_metadata().count(kStrictCreateHeader) > 0;
  call.cancelled = [over = std::move(over)] { return over->load(); };
  return call;
}

void LogCall(const char* method, absl::Duration elapsed, const absl::Status& status) {
  const double ms = absl::ToDoubleMilliseconds(elapsed);
  if (IsOurFault(status)) {
    spdlog::error("{} {:.1f} ms: {}", method, ms, status.ToString());
  } else if (!status.ok()) {
    spdlog::debug("{} {:.1f} ms: {}", method, ms, status.ToString());
  } else {
    spdlog::debug("{} {:.1f} ms", method, ms);
  }
}

}  // namespace photinus
