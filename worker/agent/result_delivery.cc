#include "worker/agent/result_delivery.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "worker/agent/artifact_upload.h"
#include "worker/agent/late_artifacts.h"

namespace photinus {
namespace {

absl::Status Complete(ServerClients& clients, const pb::CompleteTrialRequest& request, const std::string& lease_token,
                      Cancellation& cancellation) {
  return UntilAnswered(cancellation, [&] {
    return clients.vizier.CompleteTrial(request, TrialCall(lease_token, cancellation)).status();
  });
}

// Those that are refused are skipped (the log says so once), until one shows that the trial takes none any more.
absl::Status SendMeasurements(ServerClients& clients, const TrialResult& result, Cancellation& cancellation) {
  pb::AddTrialMeasurementRequest request;
  request.set_trial_name(result.complete.name());
  bool refused = false;
  for (const pb::Measurement& measurement : result.unsent) {
    *request.mutable_measurement() = measurement;
    const absl::Status status = UntilAnswered(cancellation, [&] {
      return clients.vizier.AddTrialMeasurement(request, TrialCall(result.lease_token, cancellation)).status();
    });
    if (absl::IsCancelled(status)) return status;
    if (!status.ok() && !std::exchange(refused, true)) {
      spdlog::warn("{}: measurements are refused: {}", request.trial_name(), status.ToString());
    }
    if (absl::IsFailedPrecondition(status) || absl::IsNotFound(status)) break;
  }
  return absl::OkStatus();
}

}  // namespace

Delivery Deliver(ServerClients& clients, const TrialResult& result, Cancellation& cancellation) {
  const std::string& trial = result.complete.name();
  if (!SendMeasurements(clients, result, cancellation).ok()) return Delivery::kLater;
  if (!UploadArtifacts(clients, trial, result.lease_token, result.artifacts, cancellation).ok())
    return Delivery::kLater;
  absl::Status status = Complete(clients, result.complete, result.lease_token, cancellation);
  if (absl::IsInvalidArgument(status)) {
    spdlog::error("{}: the server refuses the final measurement: {}", trial, status.ToString());
    pb::CompleteTrialRequest infeasible;
    infeasible.set_name(trial);
    infeasible.set_trial_infeasible(true);
    infeasible.set_infeasible_reason("the server refused the result: " + std::string(status.message()));
    status = Complete(clients, infeasible, result.lease_token, cancellation);
  }
  if (status.ok()) return Delivery::kAccepted;
  if (absl::IsCancelled(status)) return Delivery::kLater;
  spdlog::warn("{}: the result is refused: {}", trial, status.ToString());
  return Delivery::kRefused;
}

Delivery DeliverFromSpool(ServerClients& clients, const Spool& spool, const std::filesystem::path& late_folder,
                          const TrialResult& result, Cancellation& cancellation) {
  const Delivery delivery = Deliver(clients, result, cancellation);
  if (delivery == Delivery::kLater) {
    spdlog::warn("{}: the server is away; the result waits in the spool", result.complete.name());
    return delivery;
  }
  if (delivery == Delivery::kAccepted) spdlog::info("{}: delivered", result.complete.name());
  if (delivery == Delivery::kRefused) KeepLateArtifacts(late_folder, result);
  spool.Delete(result);
  std::error_code error;
  if (!result.work_dir.empty()) std::filesystem::remove_all(result.work_dir, error);
  return delivery;
}

}  // namespace photinus
