// Points from the policy of another server.
#ifndef PHOTINUS_SERVER_SCHEDULING_POLICY_POINTS_H_
#define PHOTINUS_SERVER_SCHEDULING_POLICY_POINTS_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "server/scheduling/point_source.h"
#include "server/scheduling/policy_endpoints.h"
#include "server/scheduling/remote_policy.h"

namespace photinus {

// Points of a policy that runs elsewhere and has the place of the study's algorithm.
class PolicyPoints : public PointSource {
 public:
  // For `count` points of the study as `snapshot` sees it. `endpoints` is borrowed; null: no endpoint is allowed.
  static absl::StatusOr<std::unique_ptr<PointSource>> Plan(Snapshot& snapshot, const StudyRow& study,
                                                           std::shared_ptr<const StudyProblem> problem, int64_t count,
                                                           PolicyEndpoints* endpoints);

  // Who went away meanwhile gets the trials, too: they are his own when he asks again.
  absl::Status Compute(const std::function<bool()>& stopping, const std::function<bool()>& unwanted) override;
  // An answer is too dear to ask for it again because a client added a trial.
  absl::Status FitToNextId(StudyEdit& edit, int attempt) override;
  // The point's metadata.
  absl::Status Annotate(StudyEdit& edit, size_t point, TrialRow& trial) const override;
  // What the policy said beyond what was asked: points become waiting trials as far as the budget goes, and notes.
  absl::Status Keep(StudyEdit& edit, size_t used) const override;

 private:
  PolicyPoints(SuggestInputs inputs, pb::SuggestRequest question, PolicyEndpoints* endpoints);

  const pb::SuggestRequest question_;
  PolicyEndpoints* const endpoints_;
  PolicySuggestions answer_;  // its trials are at points_
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_POLICY_POINTS_H_
