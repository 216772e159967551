// What a study that starts warm takes from other studies.
#ifndef PHOTINUS_SERVER_STUDY_PRIOR_TRIALS_H_
#define PHOTINUS_SERVER_STUDY_PRIOR_TRIALS_H_

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "photinus/v1/warm_start.pb.h"
#include "server/study/read_options.h"
#include "server/study/study_problem.h"
#include "server/study/study_store.h"

namespace photinus {

// Among the states of algorithms, all of which are named in capitals: a v1::WarmStart.
inline constexpr char kWarmStartState[] = "warm_start";

inline constexpr int64_t kMaxPriorTrials = 256;  // of one study

// Copies of trials of the studies that a new one of `owner`, with this problem, names: of each study up to
// kMaxPriorTrials that stand for all that fit, the best half and an even share of the others. A finished trial fits if
// its point lies in the problem's space, once parameters that this does not have are left out, and all objectives are
// known, derived ones by the new study's formulas, those that were stopped early as predicted (ToldObjectives); an
// infeasible one needs none. Empty where the problem names no
// study. InvalidArgument, a FieldError: a study that does not exist, is named twice, or has no successful trial that
// fits. LongReadNeeded; Cancelled.
absl::StatusOr<v1::WarmStart> CopyPriorTrials(StudyStore& store, const OwnerName& owner, const StudyProblem& problem,
                                              const ReadOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_PRIOR_TRIALS_H_
