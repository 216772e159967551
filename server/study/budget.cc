#include "server/study/budget.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::StatusOr<bool> IsAnyRunning(Snapshot& snapshot, int64_t uid) {
  ASSIGN_OR_RETURN(const auto rows,
                   snapshot.ListTrials(uid, {.limit = 1, .states = {pb::Trial::ACTIVE, pb::Trial::STOPPING}}));
  return !rows.empty();
}

int64_t Total(const TrialCounts& counts) {
  return counts.requested + counts.active + counts.stopping + counts.succeeded + counts.infeasible;
}

}  // namespace

absl::StatusOr<Allowance> AllowanceOf(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem) {
  if (study.state != pb::Study::ACTIVE || study.paused) return Allowance{};
  Allowance allowance;
  allowance.start = kMaxTrialsPerStudy;
  allowance.create = study.draining ? 0 : kMaxTrialsPerStudy - (study.next_trial_id - 1);
  const BudgetSettings& budget = problem.document.budget;
  if (budget.trials == 0 && budget.parallel == 0) return allowance;
  ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(study.uid));
  if (budget.trials > 0) allowance.create = std::min(allowance.create, budget.trials - Total(counts));
  if (budget.parallel > 0) allowance.start = budget.parallel - counts.active - counts.stopping;
  allowance.create = std::max<int64_t>(allowance.create, 0);
  allowance.start = std::max<int64_t>(allowance.start, 0);
  return allowance;
}

absl::StatusOr<std::vector<TrialRow>> StartableTrials(Snapshot& snapshot, const StudyRow& study, int64_t limit) {
  if (limit <= 0) return std::vector<TrialRow>();
  TrialQuery query{.limit = limit, .states = {pb::Trial::REQUESTED}};
  if (!study.draining) return snapshot.ListTrials(study.uid, query);
  query.after_id = study.drained_from - 1;
  ASSIGN_OR_RETURN(const std::vector<TrialRow> by_hand, snapshot.ListTrials(study.uid, query));
  query.after_id = 0;
  query.tried_before = true;
  ASSIGN_OR_RETURN(const std::vector<TrialRow> tried, snapshot.ListTrials(study.uid, query));
  std::vector<TrialRow> both;
  std::set_union(by_hand.begin(), by_hand.end(), tried.begin(), tried.end(), std::back_inserter(both),
                 [](const TrialRow& a, const TrialRow& b) { return a.id < b.id; });
  if (static_cast<int64_t>(both.size()) > limit) both.resize(static_cast<size_t>(limit));
  return both;
}

absl::StatusOr<bool> IsOver(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem) {
  const int64_t trials = problem.document.budget.trials;
  if (study.state != pb::Study::ACTIVE || study.paused || (!study.draining && trials == 0)) return false;
  // The ids given out are at least as many as the trials that are left of them.
  if (!study.draining && study.next_trial_id - 1 < trials) return false;
  ASSIGN_OR_RETURN(const bool running, IsAnyRunning(snapshot, study.uid));
  if (running) return false;
  ASSIGN_OR_RETURN(const auto waiting, StartableTrials(snapshot, study, 1));
  if (!waiting.empty()) return false;
  if (study.draining) return true;
  ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(study.uid));
  return Total(counts) >= trials;
}

}  // namespace photinus
