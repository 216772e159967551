#include "server/study/trial_size.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr int64_t kFrameBytes = 8;          // of an entry of a list: tag and length
constexpr int64_t kMetricFrameBytes = 16;   // of a metric: the same for it and its name, and its value
constexpr int64_t kTrialFrameBytes = 1024;  // name, id, client and state
constexpr int64_t kStopBytes = 4;           // of its JSON, for each byte of a stop decision

}  // namespace

int64_t ReplyBytes(const StudyProblem& problem, const pb::Measurement& measurement) {
  auto bytes = static_cast<int64_t>(measurement.ByteSizeLong()) + kFrameBytes;
  for (const DerivedFormula& formula : problem.derived) {
    bytes += static_cast<int64_t>(formula.metric.size()) + kMetricFrameBytes;
  }
  return bytes;
}

int64_t ReplyBytes(const MetadataSize& metadata) { return metadata.bytes + kFrameBytes * metadata.entries; }

int64_t ReplyBytes(const TrialRow& trial) {
  return kTrialFrameBytes + static_cast<int64_t>(trial.body.ByteSizeLong()) + trial.measurement_bytes +
         trial.metadata_bytes + kStopBytes * static_cast<int64_t>(trial.stop.ByteSizeLong());
}

absl::Status CheckMeasurement(std::string_view field, const pb::Measurement& measurement) {
  const auto bytes = static_cast<int64_t>(measurement.ByteSizeLong());
  if (bytes <= kMaxMeasurementBytes) return absl::OkStatus();
  return FieldError(field, absl::StrCat("has ", bytes, " bytes; at most ", kMaxMeasurementBytes, " are allowed"));
}

absl::Status CheckInfeasibleReason(std::string_view reason) {
  if (static_cast<int64_t>(reason.size()) <= kMaxReasonBytes) return absl::OkStatus();
  return FieldError("infeasible_reason",
                    absl::StrCat("has ", reason.size(), " bytes; at most ", kMaxReasonBytes, " are allowed"));
}

absl::Status CheckAttemptBytes(const TrialName& name, int64_t bytes) {
  if (bytes <= kMaxAttemptBytes) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "MEASUREMENTS_TOO_LARGE",
               absl::StrCat("the measurements of ", name.ToString(), " would take ", bytes, " bytes; at most ",
                            kMaxAttemptBytes, ": report fewer metrics, or less often"));
}

bool ReplyRoom::Take(const TrialRow& trial) {
  const int64_t bytes = ReplyBytes(trial);
  if (bytes > left_ && !empty_) return false;
  left_ -= bytes;
  empty_ = false;
  return true;
}

}  // namespace photinus
