#include "server/api/call_context.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr size_t kMaxRequestIdBytes = 256;

}  // namespace

absl::StatusOr<RequestId> RequestIdOf(const CallContext& context, std::string_view method, const std::string& name) {
  if (context.request_id.size() > kMaxRequestIdBytes) {
    return FieldError("x-request-id", absl::StrCat("is longer than ", kMaxRequestIdBytes, " bytes"));
  }
  return RequestId{context.request_id, absl::StrCat(absl::string_view(method.data(), method.size()), " ", name)};
}

}  // namespace photinus
