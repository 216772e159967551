// SuggestTrials operations as clients see them.
#ifndef PHOTINUS_SERVER_SCHEDULING_OPERATIONS_H_
#define PHOTINUS_SERVER_SCHEDULING_OPERATIONS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "google/longrunning/operations.pb.h"
#include "server/scheduling/suggester.h"
#include "server/storage/storage.h"
#include "server/study/study_store.h"

namespace photinus {

// `trials` are those of a done operation that did not fail.
google::longrunning::Operation ViewOperation(const StudyName& study, const OperationRow& operation,
                                             pb::Study::State study_state, std::vector<pb::Trial> trials);

// Trials are given as they are now, without those deleted since. Where nobody computes the operation any more, this
// process does from now on. NotFound.
absl::StatusOr<google::longrunning::Operation> GetOperation(StudyStore& store, Suggester& suggester,
                                                            const OperationName& name);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_OPERATIONS_H_
