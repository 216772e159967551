#include "common/rpc/grpc_status.h"

#include <gtest/gtest.h>

#include "common/base/errors.h"

namespace photinus {
namespace {

class GrpcStatusTest : public ::testing::TestWithParam<absl::Status> {};

TEST_P(GrpcStatusTest, SurvivesTheWire) {
  const absl::Status& status = GetParam();
  const grpc::Status wire = ToGrpcStatus(status);
  EXPECT_EQ(static_cast<int>(wire.error_code()), static_cast<int>(status.code()));
  const absl::Status back = FromGrpcStatus(wire);
  EXPECT_EQ(back.code(), status.code());
  EXPECT_EQ(back.message(), status.message());
  EXPECT_EQ(ErrorReason(back), ErrorReason(status));
  EXPECT_EQ(ErrorField(back), ErrorField(status));
}

INSTANTIATE_TEST_SUITE_P(Table, GrpcStatusTest,
                         ::testing::Values(absl::OkStatus(), absl::NotFoundError("no such trial"),
                                           Error(absl::StatusCode::kFailedPrecondition, "LEASE_LOST", "too late"),
                                           FieldError("budget.trials", "must not be negative"),
                                           FieldError("", "an empty spec"), absl::UnknownError("")));

TEST(GrpcStatus, FitsIntoTrailersWhateverItQuotes) {
  std::string accents;
  for (int i = 0; i < 10'000; ++i) accents += "\u00e4";
  const absl::Status long_message = FieldError("algorithm", accents);
  const absl::Status long_field = FieldError(accents, "unknown key");
  for (const absl::Status& status : {long_message, long_field}) {
    const grpc::Status wire = ToGrpcStatus(status);
    // Percent-encoding triples the message, base64 adds a third to the details.
    EXPECT_LT(3 * wire.error_message().size() + 4 * wire.error_details().size() / 3, 8000u);
    const absl::Status back = FromGrpcStatus(wire);
    EXPECT_EQ(back.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ErrorReason(back), "INVALID_ARGUMENT");
  }
  EXPECT_EQ(ErrorField(FromGrpcStatus(ToGrpcStatus(long_message))), "algorithm");
}

TEST(GrpcStatus, KeepsTheCodeOfAForeignError) {
  const absl::Status status = FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection refused"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "connection refused");
  EXPECT_EQ(ErrorReason(status), "UNAVAILABLE");
}

}  // namespace
}  // namespace photinus
