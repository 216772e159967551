#include "server/study/request_id.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// Old ones go in lots, faster than new ones come.
constexpr int64_t kCleanEvery = 16;
constexpr int64_t kCleanAtMost = 48;

}  // namespace

absl::StatusOr<std::optional<int64_t>> FindServed(Snapshot& snapshot, int64_t study_uid, const RequestId& request) {
  if (request.id.empty()) return std::optional<int64_t>();
  ASSIGN_OR_RETURN(const auto row, snapshot.FindRequest(study_uid, request.id));
  if (!row.has_value()) return std::optional<int64_t>();
  if (row->call == request.call) return std::optional<int64_t>(row->result);
  return FieldError("x-request-id", absl::StrCat("belongs to '", row->call, "' already; every call needs its own"));
}

absl::Status NoteServed(Transaction& transaction, int64_t study_uid, const RequestId& request, int64_t result,
                        absl::Time now) {
  if (request.id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t number, transaction.PutRequest(study_uid, {request.id, request.call, result, now}));
  if (number % kCleanEvery != 0) return absl::OkStatus();
  RETURN_IF_ERROR(transaction.DeleteOldRequests(study_uid, number, now - kRequestLifetime, kCleanAtMost));
  return transaction.DeleteOldRequests(study_uid, number - kRequestsKept + 1, now - kShortRequestLifetime,
                                       kCleanAtMost);
}

}  // namespace photinus
