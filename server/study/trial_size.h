// How many bytes trials take in a reply, and at most, so that every one of them fits into a message.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_SIZE_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_SIZE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/storage/storage.h"
#include "server/study/study_problem.h"

namespace photinus {

// The parameters of a trial come in one request (16 MiB), its metadata has kMaxMetadataBytes (32 MiB); with these the
// largest trial has less than the 80 MiB of a message.
inline constexpr int64_t kMaxMeasurementBytes = int64_t{4} << 20;  // of one
inline constexpr int64_t kMaxReasonBytes = int64_t{1} << 20;
inline constexpr int64_t kMaxAttemptBytes = int64_t{16} << 20;  // of the measurements of an attempt

// Of all trials of one reply, unless there is only one.
inline constexpr int64_t kMaxReplyBytes = int64_t{64} << 20;

// With its derived metrics.
int64_t ReplyBytes(const StudyProblem& problem, const pb::Measurement& measurement);
int64_t ReplyBytes(const MetadataSize& metadata);
// With its lists.
int64_t ReplyBytes(const TrialRow& trial);

// InvalidArgument, a FieldError at `field`: it is larger than kMaxMeasurementBytes.
absl::Status CheckMeasurement(std::string_view field, const pb::Measurement& measurement);
// InvalidArgument, a FieldError at "infeasible_reason".
absl::Status CheckInfeasibleReason(std::string_view reason);
// ResourceExhausted: the measurements of an attempt of the trial, which take `bytes`, are more than kMaxAttemptBytes.
absl::Status CheckAttemptBytes(const TrialName& name, int64_t bytes);

// Fills one reply with trials.
class ReplyRoom {
 public:
  // Whether the trial still fits, and so takes its place. The first one always does.
  bool Take(const TrialRow& trial);

 private:
  bool empty_ = true;
  int64_t left_ = kMaxReplyBytes;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_SIZE_H_
