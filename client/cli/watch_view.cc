#include "client/cli/watch_view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/console.h"
#include "client/cli/records.h"
#include "common/base/names.h"
#include "common/study_document/study_document.h"

namespace photinus {
namespace {

constexpr int kBarWidth = 24;
constexpr char kSizeMetric[] = "memory_kb";
constexpr char kAccuracyMetric[] = "accuracy";

int64_t IdOf(const pb::Trial& trial) {
  const auto id = ParseTrialId(trial.id());
  return id.ok() ? *id : 0;
}

std::string Count(int count, const char* what) { return count == 0 ? "" : absl::StrCat("  ", count, " ", what); }

std::string Bar(int64_t done, int64_t total) {
  const int filled = static_cast<int>(std::min(done, total) * kBarWidth / total);
  return absl::StrCat("[", std::string(filled, '#'), std::string(kBarWidth - filled, '.'), "]");
}

}  // namespace

bool WatchView::finished() const { return status_.study().state() == pb::Study::COMPLETED; }

void WatchView::LearnSpec() {
  const pb::StudySpec& spec = status_.study().study_spec();
  shown_metrics_.clear();
  steps_ = 0;
  if (const auto document = StudyDocumentOf(spec); document.ok()) {
    if (document->early_stopping.has_value()) {
      shown_metrics_.push_back(document->early_stopping->curve);
      steps_ = static_cast<int64_t>(document->early_stopping->horizon);
    }
    if (document->trial.has_value() && document->trial->executor == "network") {
      shown_metrics_.push_back(kAccuracyMetric);
      steps_ = document->trial->evaluations;
    }
  }
  for (const auto& metric : spec.metrics()) shown_metrics_.push_back(metric.metric_id());
  std::vector<std::string> once;
  for (std::string& metric : shown_metrics_) {
    const bool known = std::find(once.begin(), once.end(), metric) != once.end();
    if (!known && !metric.empty() && metric != kSizeMetric) once.push_back(std::move(metric));
  }
  shown_metrics_ = std::move(once);
}

std::string WatchView::MetricsText(const pb::Trial& trial) const {
  const std::map<std::string, double> metrics = CurrentMetrics(trial);
  std::string text;
  for (const std::string& name : shown_metrics_) {
    const auto it = metrics.find(name);
    if (it != metrics.end()) absl::StrAppendFormat(&text, "  %s %.4g", Harmless(name), it->second);
  }
  const auto size = metrics.find(kSizeMetric);
  if (size != metrics.end()) absl::StrAppendFormat(&text, "  %.1f kB", size->second);
  return text;
}

std::string WatchView::TrialLine(const pb::Trial& trial, int attempt) const {
  std::string line = absl::StrFormat("trial %4d  %-10s", IdOf(trial), pb::Trial::State_Name(trial.state()));
  const int64_t step = CurrentStep(trial).value_or(0);
  if (steps_ > 0) {
    absl::StrAppendFormat(&line, "  step %3d/%d", step, steps_);
  } else {
    absl::StrAppendFormat(&line, "  step %3d", step);
  }
  absl::StrAppend(&line, MetricsText(trial));
  if (trial.state() == pb::Trial::INFEASIBLE) absl::StrAppend(&line, "  ", Harmless(trial.infeasible_reason()));
  if (trial.state() == pb::Trial::SUCCEEDED) {
    for (const std::string& name : ObjectivesWithoutValue(trial, status_.study().study_spec())) {
      absl::StrAppend(&line, "  no finite '", Harmless(name), "'");
    }
  }
  if (trial.state() == pb::Trial::REQUESTED) {
    absl::StrAppend(&line, "  waits for a worker again");
  } else if (!IsTerminal(trial)) {
    absl::StrAppend(&line, "  ", Harmless(trial.client_id()));
    if (attempt > 1) absl::StrAppend(&line, "  attempt ", attempt);
  }
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string WatchView::BestLine() const {
  if (status_.best_size() == 0) return "";
  const pb::Trial& best = status_.best(0);
  const std::string more = status_.best_size() > 1 ? absl::StrCat("  (one of ", status_.best_size(), ")") : "";
  return absl::StrCat("best so far: trial ", IdOf(best), MetricsText(best), more);
}

std::string WatchView::Progress() const {
  const int64_t done = int64_t{status_.succeeded()} + status_.infeasible();
  const int64_t budget = status_.trial_budget();
  std::string line = absl::StrCat(Harmless(StudyIdOf(status_.study())), "  ", StudyStateText(status_), "  ");
  if (budget > 0) absl::StrAppend(&line, done, "/", budget, " trials ", Bar(done, budget));
  if (budget == 0) absl::StrAppend(&line, done, " trials");
  return absl::StrCat(line, Count(status_.active() + status_.stopping(), "running"),
                      Count(status_.requested(), "waiting"), Count(status_.stopped_early(), "stopped early"),
                      Count(status_.infeasible(), "infeasible"));
}

void WatchView::UpdateTrial(const pb::Trial& trial, int attempt, Lines& lines) {
  const int64_t id = IdOf(trial);
  if (IsTerminal(trial) || trial.state() == pb::Trial::REQUESTED) {
    const bool ran_here = running_.erase(id) > 0;
    last_line_.erase(id);
    if (IsTerminal(trial) || ran_here) lines.ended.push_back(TrialLine(trial, attempt));
    return;
  }
  running_[id] = {trial, attempt};
  std::string line = TrialLine(trial, attempt);
  if (last_line_[id] != line) lines.running.push_back(line);
  last_line_[id] = std::move(line);
}

WatchView::Lines WatchView::Update(const v1::WatchStudyResponse& message) {
  Lines lines;
  status_ = message.status();
  if (fresh_) {
    LearnSpec();
  } else if (message.whole()) {
    running_.clear();
    lines.study.push_back("more changed than is shown here; see: photinus trial list " +
                          Harmless(StudyIdOf(status_.study())));
  }
  for (int i = 0; i < message.changed_size(); ++i) {
    UpdateTrial(message.changed(i), i < message.attempts_size() ? message.attempts(i) : 1, lines);
  }
  if (status_.active() + status_.stopping() == 0) running_.clear();
  if (std::string best = BestLine(); best != last_best_) {
    lines.study.push_back(best);
    last_best_ = std::move(best);
  }
  if (std::string state = StudyStateText(status_); state != last_state_) {
    lines.study.push_back(Progress());
    last_state_ = std::move(state);
  }
  fresh_ = false;
  return lines;
}

std::vector<std::string> WatchView::Picture() const {
  std::vector<std::string> lines;
  for (const auto& [id, running] : running_) lines.push_back(TrialLine(running.trial, running.attempt));
  if (std::string best = BestLine(); !best.empty()) lines.push_back(std::move(best));
  lines.push_back(Progress());
  return lines;
}

std::string CutTo(const std::string& text, int columns) {
  if (columns <= 0) return text;
  constexpr std::string_view kDots = "...";
  size_t characters = 0, cut = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;  // inside a character
    if (characters + kDots.size() == static_cast<size_t>(columns)) cut = i;
    if (++characters > static_cast<size_t>(columns)) return text.substr(0, cut) + std::string(kDots);
  }
  return text;
}

}  // namespace photinus
