// Errors across the wire: absl::Status <-> grpc::Status, with the reason as google.rpc.ErrorInfo in the standard
// `grpc-status-details-bin` trailer.
#ifndef PHOTINUS_COMMON_RPC_GRPC_STATUS_H_
#define PHOTINUS_COMMON_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace photinus {

inline constexpr char kErrorDomain[] = "photinus";

// Keeps code, message, reason (ErrorReason) and, of a FieldError, the field as metadata "field". A message is shortened
// to 1 KiB; a field that is longer than that is left out.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The inverse; a status without our ErrorInfo keeps its code and message alone.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_GRPC_STATUS_H_
