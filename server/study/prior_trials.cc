#include "server/study/prior_trials.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/history_rows.h"
#include "server/study/optimal_trials.h"
#include "server/study/told_objectives.h"
#include "server/study/trial_batch.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

constexpr int64_t kMaxPriorValues = 20'000;  // of parameters, in all trials of one study: what a blob may take
constexpr int64_t kMinPriorTrials = 16;

// A trial that fits.
struct Candidate {
  int64_t id = 0;
  std::vector<double> objectives;  // in the metrics' own units; empty where infeasible
  bool infeasible = false;         // also where it violates a constraint of the new study
};

struct Candidates {
  std::vector<Candidate> fitting;  // ascending id
  int64_t finished = 0;            // trials, those that do not fit among them
  int64_t violating = 0;           // of the fitting ones: they succeeded, but violate a constraint of the new study
  std::string first_fault;         // of those
};

// The point without parameters that the space does not have, or that are not active there. InvalidArgument: what is
// left lies outside.
absl::StatusOr<Point> PointInside(const SearchSpace& space, const Point& point) {
  Point inside;
  for (size_t i = 0; i < space.parameters().size(); ++i) {
    const auto found = point.find(space.parameters()[i].id);
    if (found != point.end() && space.IsActive(static_cast<int>(i), inside)) inside.insert(*found);
  }
  RETURN_IF_ERROR(space.Validate(inside));
  return inside;
}

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

// InvalidArgument: why it does not fit.
absl::StatusOr<Candidate> Fit(const StudyProblem& problem, const HistoryRow& trial) {
  RETURN_IF_ERROR(PointInside(problem.space, trial.point).status());
  // A constraint of the new study holds no trial back that does not have its metric.
  const bool violates = std::any_of(trial.slacks.begin(), trial.slacks.end(), [](double slack) { return slack < 0; });
  if (trial.state == pb::Trial::INFEASIBLE || violates) return Candidate{.id = trial.id, .infeasible = true};
  const std::vector<double> objectives = ToldObjectives(problem, trial);
  if (AllFinite(objectives)) return Candidate{trial.id, objectives};
  for (size_t k = 0; k < objectives.size(); ++k) {
    if (std::isfinite(objectives[k])) continue;
    return absl::InvalidArgumentError(absl::StrCat("it has no finite ", Quoted(problem.objectives[k].metric)));
  }
  return absl::InvalidArgumentError("it has no objectives");
}

// Ids of the best `count`, best first: those that no other dominates, then by the mean over the objectives of their
// place.
std::vector<int64_t> Best(const StudyProblem& problem, const std::vector<Candidate>& candidates, size_t count) {
  std::vector<TrialCosts> costs;
  for (const Candidate& candidate : candidates) {
    if (candidate.infeasible) continue;
    costs.push_back({candidate.id, candidate.objectives});
    for (size_t k = 0; k < problem.objectives.size(); ++k) {
      if (problem.objectives[k].maximize) costs.back().costs[k] = -costs.back().costs[k];
    }
  }
  std::vector<size_t> order(costs.size()), places(costs.size());
  for (size_t k = 0; k < problem.objectives.size(); ++k) {
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return costs[a].costs[k] < costs[b].costs[k]; });
    for (size_t place = 0; place < order.size(); ++place) places[order[place]] += place;
  }
  const std::vector<int64_t> optimal = OptimalTrials(costs);
  const auto key = [&](size_t i) {
    return std::pair(!std::binary_search(optimal.begin(), optimal.end(), costs[i].id), places[i]);
  };
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  std::vector<int64_t> best;
  for (size_t i = 0; i < std::min(count, order.size()); ++i) best.push_back(costs[order[i]].id);
  return best;
}

// Leaves the best half of `limit`, and an even share of the others.
void KeepRepresentative(const StudyProblem& problem, size_t limit, std::vector<Candidate>& candidates) {
  if (candidates.size() <= limit) return;
  const std::vector<int64_t> best = Best(problem, candidates, limit / 2);
  std::set<int64_t> kept(best.begin(), best.end());
  std::vector<int64_t> others;
  for (const Candidate& candidate : candidates) {
    if (kept.count(candidate.id) == 0) others.push_back(candidate.id);
  }
  const size_t share = limit - kept.size();
  for (size_t i = 0; i < share; ++i) kept.insert(others[i * others.size() / share]);
  std::erase_if(candidates, [&](const Candidate& candidate) { return kept.count(candidate.id) == 0; });
}

// The problem under which trials of another study are looked at: it also knows the metrics that were derived there.
StudyProblem WithFormulasOf(const StudyProblem& problem, const StudyProblem& other) {
  StudyProblem both = problem;
  for (const DerivedFormula& formula : other.derived) {
    const bool known = std::any_of(problem.derived.begin(), problem.derived.end(),
                                   [&](const DerivedFormula& own) { return own.metric == formula.metric; });
    if (!known) both.derived.push_back(formula);
  }
  return both;
}

absl::StatusOr<Candidates> FindCandidates(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                          const ReadOptions& options) {
  Candidates found;
  TrialBatches batches(study.uid, 0, study.next_trial_id - 1);
  while (true) {
    RETURN_IF_ERROR(options.Check());
    ASSIGN_OR_RETURN(const std::vector<TrialRow> rows, batches.Next(snapshot));
    if (rows.empty()) return found;
    ASSIGN_OR_RETURN(const auto trials, HistoryRowsOf(snapshot, study, problem, rows));
    for (const HistoryRow& trial : trials) {
      if (!IsFinished(trial.state) || trial.apart) continue;
      ++found.finished;
      auto candidate = Fit(problem, trial);
      if (candidate.ok()) {
        if (candidate->infeasible && trial.state == pb::Trial::SUCCEEDED) ++found.violating;
        found.fitting.push_back(*std::move(candidate));
      } else if (found.first_fault.empty()) {
        found.first_fault = absl::StrCat("trial ", trial.id, ": ", candidate.status().message());
      }
    }
  }
}

absl::Status CheckUseful(const StudyName& name, const Candidates& found) {
  if (found.finished == 0) return FieldError("", absl::StrCat(name.ToString(), " has no finished trial yet"));
  const bool any = std::any_of(found.fitting.begin(), found.fitting.end(), [](const auto& c) { return !c.infeasible; });
  if (any) return absl::OkStatus();
  std::string why = " succeeded";
  if (!found.first_fault.empty()) why = absl::StrCat(" fits this study; ", found.first_fault);
  if (found.violating > 0) why = " satisfies this study's constraints; relax them, or start from another study";
  return FieldError("", absl::StrCat("none of the ", found.finished, " finished trials of ", name.ToString(), why));
}

absl::StatusOr<v1::PriorStudy> CopyTrials(Snapshot& snapshot, const StudyRow& study, const StudyName& name,
                                          const StudyProblem& problem, const std::vector<Candidate>& candidates) {
  v1::PriorStudy prior;
  prior.set_name(name.ToString());
  for (const Candidate& candidate : candidates) {
    ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, candidate.id));
    if (!row.has_value()) return absl::InternalError("a trial is gone within one view");
    ASSIGN_OR_RETURN(const Point point, PointFromTrial(row->body));
    ASSIGN_OR_RETURN(const Point inside, PointInside(problem.space, point));
    pb::Trial as_trial;
    PointToTrial(inside, as_trial);
    v1::PriorTrial& trial = *prior.add_trials();
    trial.set_id(candidate.id);
    trial.mutable_parameters()->Swap(as_trial.mutable_parameters());
    trial.mutable_objectives()->Assign(candidate.objectives.begin(), candidate.objectives.end());
    trial.set_infeasible(candidate.infeasible);
  }
  return prior;
}

absl::StatusOr<v1::PriorStudy> CopyStudy(StudyStore& store, Snapshot& snapshot, const StudyName& name,
                                         const StudyProblem& problem, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto study, snapshot.FindStudy(name.owner, name.study));
  if (!study.has_value()) return FieldError("", absl::StrCat(name.ToString(), " does not exist"));
  ASSIGN_OR_RETURN(const auto other, store.cache().Problem(snapshot, *study));
  ASSIGN_OR_RETURN(Candidates found, FindCandidates(snapshot, *study, WithFormulasOf(problem, *other), options));
  RETURN_IF_ERROR(CheckUseful(name, found));
  const auto parameters = static_cast<int64_t>(problem.space.parameters().size());
  const int64_t limit =
      std::clamp(kMaxPriorValues / std::max<int64_t>(parameters, 1), kMinPriorTrials, kMaxPriorTrials);
  KeepRepresentative(problem, static_cast<size_t>(limit), found.fitting);
  return CopyTrials(snapshot, *study, name, problem, found.fitting);
}

}  // namespace

absl::StatusOr<v1::WarmStart> CopyPriorTrials(StudyStore& store, const OwnerName& owner, const StudyProblem& problem,
                                              const ReadOptions& options) {
  v1::WarmStart prior;
  const std::vector<std::string>& names = problem.document.algorithm.warm_start;
  if (names.empty()) return prior;
  RETURN_IF_ERROR(store.ReadLong(options, [&](Snapshot& snapshot) -> absl::Status {
    prior.Clear();
    std::set<std::string> seen;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string field = absl::StrCat("warm_start[", i, "]");
      StudyName name{owner.owner, names[i]};
      if (const auto full = StudyName::Parse(names[i]); full.ok()) name = *full;
      if (!seen.insert(name.ToString()).second) {
        return FieldError(field, absl::StrCat(name.ToString(), " stands there twice"));
      }
      auto study = CopyStudy(store, snapshot, name, problem, options);
      if (!study.ok()) return InField(field, study.status());
      *prior.add_studies() = *std::move(study);
    }
    return absl::OkStatus();
  }));
  return prior;
}

}  // namespace photinus
