#include "worker/agent/trial_run.h"

#include <sysexits.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "worker/agent/artifact_upload.h"
#include "worker/agent/objectives.h"

namespace photinus {
namespace {

constexpr size_t kLogBytes = 64 << 10;
constexpr absl::Duration kFlushTime = absl::Seconds(2);  // for measurements, once the program has ended
constexpr size_t kMaxReason = 1 << 10;
constexpr size_t kMaxArtifacts = 63;              // and log.txt: the server keeps 64 of a trial
constexpr char kLogFile[] = ".photinus-log.txt";  // in the work dir, where the program may have a log.txt of its own

absl::Duration Monotonic() { return SystemClock().Monotonic(); }

std::string SignalName(int signal) {
  const char* name = sigabbrev_np(signal);
  return absl::StrCat("signal ", signal, name == nullptr ? "" : absl::StrCat(" (SIG", name, ")"));
}

// The measurement without NaN and infinities.
pb::Measurement FiniteOf(const pb::Measurement& measurement) {
  pb::Measurement finite;
  for (const auto& metric : measurement.metrics()) {
    if (std::isfinite(metric.value())) *finite.add_metrics() = metric;
  }
  return finite;
}

}  // namespace

TrialRun::TrialRun(const Assignment& assignment, const TrialPlace& place, const Settings& settings,
                   ServerClients& clients, const ProcessGuard& guard)
    : assignment_(assignment), place_(place), settings_(settings), clients_(clients), guard_(guard), log_(kLogBytes) {}

TrialRun::~TrialRun() { calls_.Cancel(); }

TrialEnd TrialRun::Run(const Executor& executor) {
  started_ = Monotonic();
  const auto command = PrepareChild(executor, assignment_, place_);
  if (!command.ok()) return Infeasible(std::string(command.status().message()));
  const auto child = ChildProcess::Start(*command, guard_);
  if (!child.ok()) {
    const std::string reason(child.status().message());
    const bool is_machines_fault = executor.OwnsProgram() || absl::IsUnavailable(child.status());
    return is_machines_fault ? GiveBack(TrialEnd::Kind::kCannotRun, reason) : Infeasible(reason);
  }
  reporter_ = std::make_unique<MeasurementReporter>(
      clients_, assignment_.name.ToString(), assignment_.lease_token, calls_,
      MeasurementReporter::Events{[this] { OnLeaseEvent(LeaseEvent::kStop); },
                                  [this] { OnLeaseEvent(LeaseEvent::kLost); }, [&child] { (*child)->Wake(); }});
  {
    const MutexLock lock(mutex_);
    child_ = child->get();
    if (stop_.has_value()) Stop(*stop_);  // it came before the child
  }
  const ChildExit exit = (*child)->Run(*this);
  unsent_ = reporter_->Finish(kFlushTime);
  {
    const MutexLock lock(mutex_);
    child_ = nullptr;
  }
  return Conclude(exit);
}

void TrialRun::Stop(absl::Duration grace) {
  stop_ = stop_.has_value() ? std::min(*stop_, grace) : grace;
  if (child_ == nullptr) return;
  if (grace > absl::ZeroDuration()) {
    child_->Stop(grace);
  } else {
    child_->Kill();
  }
}

void TrialRun::OnLeaseEvent(LeaseEvent event) {
  switch (event) {
    case LeaseEvent::kStop: {
      const MutexLock lock(mutex_);
      if (!stop_.has_value()) Stop(settings_.stop_grace);
      return;
    }
    case LeaseEvent::kFenced:
      return Decide(Fate::kFenced, absl::ZeroDuration());
    case LeaseEvent::kLost:
    case LeaseEvent::kStudyClosed:
      return Decide(Fate::kLost, absl::ZeroDuration());
  }
}

void TrialRun::HandBack() { Decide(Fate::kHandedBack, settings_.hand_back_grace); }

void TrialRun::Kill() { Decide(Fate::kHandedBack, absl::ZeroDuration()); }

void TrialRun::Decide(Fate fate, absl::Duration grace) {
  {
    const MutexLock lock(mutex_);
    if (fate_ == Fate::kOpen) fate_ = fate;
    Stop(grace);
  }
  calls_.Cancel();
}

void TrialRun::OnOutputLine(std::string_view line, bool cut) {
  if (cut) {
    log_.Append(line);
    log_.Append("photinus-worker: the line above was too long and lost its end");
    return;
  }
  auto output = ParseOutputLine(line);
  if (!output.ok()) {
    log_.Append(line);
    log_.Append(absl::StrCat("photinus-worker: the line above is ignored: ", output.status().message()));
  } else if (std::holds_alternative<OutputLog>(*output)) {
    log_.Append(line);
  } else if (auto* measurement = std::get_if<OutputMeasurement>(&*output)) {
    OnMeasurement(*measurement);
  } else if (auto* final = std::get_if<OutputFinal>(&*output)) {
    final_metrics_ = std::move(final->metrics);
  } else if (auto* infeasible = std::get_if<OutputInfeasible>(&*output)) {
    infeasible_reason_ = std::move(infeasible->reason);
  } else if (auto* artifact = std::get_if<OutputArtifact>(&*output)) {
    OnArtifact(*artifact);
  }
}

void TrialRun::OnErrorLine(std::string_view line, bool /*cut*/) { log_.Append(line); }

bool TrialRun::HasRoom() { return reporter_->HasRoom(); }

void TrialRun::OnMeasurement(const OutputMeasurement& output) {
  last_measurement_ = MeasurementOf(output.step, output.elapsed, output.metrics);
  if (output.step == 0) {
    for (const auto& [name, value] : output.metrics) static_metrics_.insert(name);
  }
  reporter_->Add(*last_measurement_);
}

void TrialRun::OnArtifact(const OutputArtifact& output) {
  // A relative path begins at the work dir; an absolute one replaces it.
  const std::string path = (std::filesystem::path(place_.work_dir) / output.path).string();
  if (const auto known = std::ranges::find(artifacts_, output.name, &ResultArtifact::name); known != artifacts_.end()) {
    known->path = path;
  } else if (artifacts_.size() < kMaxArtifacts) {
    artifacts_.push_back({output.name, path});
  } else {
    log_.Append(absl::StrCat("photinus-worker: the artifact ", output.name, " is not kept: a trial may have ",
                             kMaxArtifacts, " and its log"));
  }
}

pb::Measurement TrialRun::MeasurementOf(int64_t step, std::optional<double> elapsed, const Metrics& metrics) const {
  pb::Measurement measurement;
  measurement.set_step_count(step);
  const absl::Duration since_start = elapsed.has_value() ? absl::Seconds(*elapsed) : Monotonic() - started_;
  absl::Duration rest;
  measurement.mutable_elapsed_duration()->set_seconds(absl::IDivDuration(since_start, absl::Seconds(1), &rest));
  measurement.mutable_elapsed_duration()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  for (const auto& [name, value] : metrics) {
    auto& metric = *measurement.add_metrics();
    metric.set_metric_id(name);
    metric.set_value(value);
  }
  return measurement;
}

TrialEnd TrialRun::Conclude(const ChildExit& exit) {
  Fate fate;
  {
    const MutexLock lock(mutex_);
    fate = fate_;
  }
  // A program that reached its end by itself has a result, whatever happened to the lease: the server decides.
  const bool interrupted = exit.stop_sent || exit.killed_by_us;
  switch (interrupted ? fate : Fate::kOpen) {
    case Fate::kHandedBack:
      return TrialEnd{TrialEnd::Kind::kHandedBack, {}, "handed back"};
    case Fate::kFenced:
      return TrialEnd{TrialEnd::Kind::kFenced, {}, "the server was away for longer than the lease lasts"};
    case Fate::kLost:
      return TrialEnd{TrialEnd::Kind::kLost, {}, "the server takes it no more"};
    case Fate::kOpen:
      break;
  }
  if (infeasible_reason_.has_value()) return Infeasible(*infeasible_reason_);
  const std::optional<std::string> nothing_final = interrupted ? NoFinalMeasurement() : std::nullopt;
  if (interrupted && !nothing_final.has_value()) return Finished();  // however it ended: it was told to stop early
  const std::string last_line = log_.LastLine();
  const std::string log = last_line.empty() ? "" : "; its last line: " + last_line;
  if (exit.signal == 0 && exit.status == EX_TEMPFAIL) {
    return GiveBack(TrialEnd::Kind::kCannotRun, "this machine cannot run it now" + log);
  }
  if (interrupted) return Infeasible(*nothing_final);
  if (exit.signal != 0) {
    return GiveBack(TrialEnd::Kind::kCrashed, absl::StrCat("ended by ", SignalName(exit.signal), log));
  }
  if (exit.status != 0) return Infeasible(absl::StrCat("exit status ", exit.status, log));
  return Finished();
}

std::optional<std::string> TrialRun::NoFinalMeasurement() const {
  if (final_metrics_.has_value()) return std::nullopt;
  if (!last_measurement_.has_value()) return "stopped early, before it reported any metric";
  const auto missing = MissingMetric(assignment_, *last_measurement_, static_metrics_);
  if (!missing.has_value()) return std::nullopt;
  return absl::StrCat("stopped early, and its last measurement lacks '", *missing, "', which an objective needs");
}

TrialEnd TrialRun::Finished() {
  TrialEnd end;
  pb::Measurement& final = *end.result.complete.mutable_final_measurement();
  if (final_metrics_.has_value()) {
    const int64_t step = last_measurement_.has_value() ? last_measurement_->step_count() : 0;
    final = MeasurementOf(step, std::nullopt, *final_metrics_);
  } else if (last_measurement_.has_value()) {
    final = *last_measurement_;
  } else {
    return Infeasible("it ended without reporting any metric");
  }
  end.note = "finished";
  if (const auto missing = MissingMetric(assignment_, FiniteOf(final), static_metrics_); missing.has_value()) {
    end.warns = true;
    end.note = absl::StrCat("finished without a finite '", *missing, "', which the study optimises: it cannot be best");
    log_.Append("photinus-worker: " + end.note);
  }
  end.result.complete.set_name(assignment_.name.ToString());
  end.result.artifacts = artifacts_;
  FillIn(end.result);
  return end;
}

TrialEnd TrialRun::Infeasible(const std::string& reason) {
  log_.Append("photinus-worker: " + reason);
  TrialEnd end;
  end.note = "infeasible: " + reason;
  end.result.complete.set_name(assignment_.name.ToString());
  end.result.complete.set_trial_infeasible(true);
  end.result.complete.set_infeasible_reason(ValidUtf8(reason.substr(0, kMaxReason)));
  if (final_metrics_.has_value()) {
    *end.result.complete.mutable_final_measurement() = MeasurementOf(0, std::nullopt, *final_metrics_);
  }
  end.result.artifacts = artifacts_;
  FillIn(end.result);
  return end;
}

TrialEnd TrialRun::GiveBack(TrialEnd::Kind kind, const std::string& reason) {
  log_.Append("photinus-worker: " + reason);
  TrialEnd end{kind, {}, reason};
  FillIn(end.result);
  return end;
}

void TrialRun::FillIn(TrialResult& result) {
  result.unsent = unsent_;
  result.lease_token = assignment_.lease_token;
  result.work_dir = place_.work_dir;
  for (const ResultArtifact& artifact : result.artifacts) {
    if (artifact.name == kLogArtifact) return;  // the program keeps a better one
  }
  const std::string path = (std::filesystem::path(place_.work_dir) / kLogFile).string();
  std::ofstream(path, std::ios::binary) << log_.Text();
  result.artifacts.push_back({kLogArtifact, path});
}

}  // namespace photinus
