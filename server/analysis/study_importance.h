// How much each parameter of a study matters for its objectives.
#ifndef PHOTINUS_SERVER_ANALYSIS_STUDY_IMPORTANCE_H_
#define PHOTINUS_SERVER_ANALYSIS_STUDY_IMPORTANCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "server/analysis/importance.h"
#include "server/study/study_store.h"

namespace photinus {

struct ObjectiveImportance {
  std::string metric;
  int64_t trials = 0;  // SUCCEEDED, with a finite value; those that were stopped early have the predicted one
  Importance importance;
};

struct StudyImportance {
  std::shared_ptr<const StudyProblem> problem;
  std::vector<ObjectiveImportance> objectives;
};

// Of one objective, or (empty) of all. NotFound. InvalidArgument: no such objective. FailedPrecondition TOO_FEW_TRIALS:
// fewer than ten, or not more than parameters; or all have the same value. LongReadNeeded where `options` allow no long
// read. Cancelled.
absl::StatusOr<StudyImportance> MeasureStudyImportance(StudyStore& store, const StudyName& name,
                                                       std::string_view objective, const ReadOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ANALYSIS_STUDY_IMPORTANCE_H_
