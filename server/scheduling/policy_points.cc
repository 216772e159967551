#include "server/scheduling/policy_points.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "server/study/budget.h"
#include "server/study/metadata.h"
#include "server/study/trials.h"

namespace photinus {

PolicyPoints::PolicyPoints(SuggestInputs inputs, pb::SuggestRequest question, PolicyEndpoints* endpoints)
    : PointSource(std::move(inputs)), question_(std::move(question)), endpoints_(endpoints) {}

absl::StatusOr<std::unique_ptr<PointSource>> PolicyPoints::Plan(Snapshot& snapshot, const StudyRow& study,
                                                                std::shared_ptr<const StudyProblem> problem,
                                                                int64_t count, PolicyEndpoints* endpoints) {
  pb::SuggestRequest question;
  ASSIGN_OR_RETURN(*question.mutable_study_descriptor(), DescribeStudy(snapshot, study));
  question.set_algorithm(problem->algorithm);
  question.set_count(static_cast<int>(count));
  SuggestInputs inputs = {.study_uid = study.uid, .version = study.version, .problem = std::move(problem)};
  inputs.first_trial_id = study.next_trial_id;
  inputs.count = question.count();
  return std::unique_ptr<PointSource>(new PolicyPoints(std::move(inputs), std::move(question), endpoints));
}

absl::Status PolicyPoints::Compute(const std::function<bool()>& stopping, const std::function<bool()>&) {
  const StudyProblem& problem = *inputs_.problem;
  const SystemClock clock;
  const absl::Duration begin = clock.Monotonic();
  ASSIGN_OR_RETURN(answer_, AskForSuggestions(endpoints_, problem, question_, stopping));
  points_.spent = clock.Monotonic() - begin;
  for (const pb::Trial& trial : answer_.trials) {
    ASSIGN_OR_RETURN(Point point, PointFromTrial(trial));
    points_.suggestions.push_back(
        {std::move(point), {.arm = "policy", .text = absl::StrCat("by the policy at ", problem.pythia_endpoint)}});
  }
  return absl::OkStatus();
}

absl::Status PolicyPoints::FitToNextId(StudyEdit& edit, int) {
  if (edit.study().uid != inputs_.study_uid) return TrialIdTaken();  // deleted and made anew meanwhile
  return CheckOnlyClientsAdded(edit);
}

absl::Status PolicyPoints::Annotate(StudyEdit& edit, size_t point, TrialRow& trial) const {
  return PutMetadata(edit, answer_.trials[point].metadata(), trial);
}

absl::Status PolicyPoints::Keep(StudyEdit& edit, size_t used) const {
  ASSIGN_OR_RETURN(const Allowance allowance, AllowanceOf(edit.transaction(), edit.study(), *inputs_.problem));
  const std::vector<pb::Trial>& trials = answer_.trials;
  for (int64_t i = 0; i < std::min(left(used), allowance.create); ++i) {
    RETURN_IF_ERROR(CreateTrial(edit, trials[used + static_cast<size_t>(i)]).status());
  }
  return PutNotes(edit, answer_.notes);
}

}  // namespace photinus
