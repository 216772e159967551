#include "common/study_document/trial_role.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/study_document/problem_entries.h"

namespace photinus {
namespace {

std::string Entry(const pb::Trial& trial, std::string_view key) {
  std::string value;
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (IsOwnNamespace(entry.ns()) && entry.key() == key) value = entry.value();  // the last one counts
  }
  return value;
}

void AddEntry(std::string_view key, std::string_view value, pb::Trial& trial) {
  pb::KeyValue& entry = *trial.add_metadata();
  entry.set_ns(kDocumentNamespace);
  entry.set_key(std::string(key));
  entry.set_value(std::string(value));
}

}  // namespace

absl::Status CheckRole(std::string_view role) {
  if (role.empty() || role == kRetestRole || role == kBaselineRole) return absl::OkStatus();
  return FieldError("metadata.role", absl::StrCat("'", std::string(role), "' is no role of a trial; write '", kRetestRole, "' or '",
                                                  kBaselineRole, "', or leave it out"));
}

std::string RoleOf(const pb::Trial& trial) { return Entry(trial, kRoleKey); }

std::string RepeatedBy(const pb::Trial& trial) { return Entry(trial, kRoleOfKey); }

void SetRole(std::string_view role, std::string_view of, pb::Trial& trial) {
  AddEntry(kRoleKey, role, trial);
  if (!of.empty()) AddEntry(kRoleOfKey, of, trial);
}

}  // namespace photinus
