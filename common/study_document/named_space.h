// Named spaces (common/spaces) as parameters of a StudySpec.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_NAMED_SPACE_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_NAMED_SPACE_H_

#include "absl/status/status.h"
#include "common/base/pb.h"
#include "common/spaces/space.h"

namespace photinus {

// Appends the space's parameters, children under their parents. The spec must not have parameters of these names.
void AppendSpace(const spaces::Space& space, pb::StudySpec& spec);

// InvalidArgument (a FieldError at "space") unless the spec has every parameter of the space, of the same type, under
// the same parent, within the space's bounds or values, and active whenever the space says so. A spec may have more
// parameters and narrower ones.
absl::Status CheckAgainstSpace(const pb::StudySpec& spec, const spaces::Space& space);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_NAMED_SPACE_H_
