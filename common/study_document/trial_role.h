// What a trial is for, besides the search. It stands in the entries `role` and `of` of the trial's metadata in
// photinus' namespace, which count when the trial is created.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_TRIAL_ROLE_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_TRIAL_ROLE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/pb.h"

namespace photinus {

inline constexpr char kRoleKey[] = "role";
inline constexpr char kRoleOfKey[] = "of";  // the id of the trial that is repeated, for people

// The entry of a trial's metadata, in the same namespace, that takes the place of the network of its parameters.
inline constexpr char kArchitectureKey[] = "architecture";

// Trials with a role run like others, but to their end: no rule stops them, no model learns from them, and they are
// never optimal.
inline constexpr char kRetestRole[] = "retest";      // a trial again, trained longer and tested
inline constexpr char kBaselineRole[] = "baseline";  // a network to compare with; it may be without parameters

// InvalidArgument unless it is one of those, or empty: part of the search.
absl::Status CheckRole(std::string_view role);

// The role in a trial's metadata; empty: there is none.
std::string RoleOf(const pb::Trial& trial);

// The trial that is repeated, as written; empty: none is named.
std::string RepeatedBy(const pb::Trial& trial);

void SetRole(std::string_view role, std::string_view of, pb::Trial& trial);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_TRIAL_ROLE_H_
