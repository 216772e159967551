#include "server/study/metadata.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/trial_role.h"
#include "server/study/derived_metrics.h"
#include "server/study/entry_count.h"
#include "server/study/study_state.h"
#include "server/study/trial_size.h"

namespace photinus {
namespace {

// What of the changes the study's problem is made of, the last of each entry.
std::map<std::pair<std::string, std::string>, pb::KeyValue> ProblemChanges(const std::vector<MetadataChange>& changes) {
  std::map<std::pair<std::string, std::string>, pb::KeyValue> entries;
  for (const MetadataChange& change : changes) {
    if (change.trial_id.has_value() || !IsPartOfProblem(change.entry)) continue;
    pb::KeyValue entry = change.entry;
    SpellNamespace(entry);
    entries[{entry.ns(), entry.key()}] = entry;
  }
  return entries;
}

// A study's problem as it would be, and what it is made of besides the changes.
struct CheckedProblem {
  StudyProblem problem;
  int64_t uid = 0;              // of the study
  int64_t problem_version = 0;  // of its problem before
};

// The problem with the changes; nullopt: the request was served before. It is checked before the transaction, which is
// to find the same study and problem still.
absl::StatusOr<std::optional<CheckedProblem>> CheckProblemWith(
    StudyStore& store, const StudyName& name,
    const std::map<std::pair<std::string, std::string>, pb::KeyValue>& changes, const RequestId& request) {
  CheckedProblem checked;
  pb::StudySpec spec;
  std::shared_ptr<const StudyProblem> before_change;  // null: it is invalid by now
  bool served = false;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto before, FindServed(snapshot, study.uid, request));
    served = before.has_value();
    if (!served) RETURN_IF_ERROR(CheckActive(name, study));
    before_change = store.cache().Problem(snapshot, study).value_or(nullptr);
    checked.uid = study.uid;
    checked.problem_version = study.problem_version;
    spec = study.spec;
    auto entries = changes;
    ASSIGN_OR_RETURN(const auto present, snapshot.ListMetadata(study.uid, 0, 0));
    for (const MetadataRow& row : present) {
      if (IsPartOfProblem(row.entry)) entries.try_emplace({row.entry.ns(), row.entry.key()}, row.entry);
    }
    for (const auto& [key, entry] : entries) *spec.add_metadata() = entry;
    return absl::OkStatus();
  }));
  if (served) return std::optional<CheckedProblem>();
  ASSIGN_OR_RETURN(checked.problem, store.CheckProblem(spec));
  const auto& warm_start = checked.problem.document.algorithm.warm_start;
  const bool same = before_change == nullptr || warm_start == before_change->document.algorithm.warm_start;
  if (same) return std::optional(std::move(checked));
  return FieldError("warm_start", "is fixed when a study is created; create another study");
}

// Aborted: the study is not what `checked` was made of; nullopt: nothing was made, as it had served the request.
absl::Status CheckUnchanged(const StudyRow& study, const std::optional<CheckedProblem>& checked) {
  const bool same =
      checked.has_value() && checked->uid == study.uid && checked->problem_version == study.problem_version;
  if (same) return absl::OkStatus();
  return absl::AbortedError("the study's problem was changed meanwhile; repeat the call");
}

// What the trial's (0: the study's own) metadata takes now. ResourceExhausted: too much.
absl::StatusOr<MetadataSize> CheckSize(StudyEdit& edit, int64_t trial_id) {
  ASSIGN_OR_RETURN(const MetadataSize size, edit.transaction().GetMetadataSize(edit.study().uid, trial_id));
  if (size.bytes <= kMaxMetadataBytes && size.entries <= kMaxMetadataEntries) return size;
  const std::string owner = trial_id == 0 ? edit.name().ToString() : edit.TrialNameOf(trial_id).ToString();
  return Error(absl::StatusCode::kResourceExhausted, "METADATA_TOO_LARGE",
               absl::StrCat("the metadata of ", owner, " would have ", size.entries, " entries of ", size.bytes,
                            " bytes; at most ", kMaxMetadataEntries, " entries of ", kMaxMetadataBytes, " bytes"));
}

absl::Status CheckNotOurs(const std::vector<MetadataChange>& changes) {
  for (size_t i = 0; i < changes.size(); ++i) {
    if (!changes[i].trial_id.has_value()) continue;
    if (IsRoleEntry(changes[i].entry)) {
      return FieldError(absl::StrCat("delta[", i, "].metadatum.key"),
                        absl::StrCat("what a trial is for ('", kRoleKey, "' and '", kRoleOfKey, "' in the namespace '",
                                     kDocumentNamespace, "') is set when it is created; create another trial"));
    }
    if (!IsStopEntry(changes[i].entry)) continue;
    return FieldError(absl::StrCat("delta[", i, "].metadatum.key"),
                      absl::StrCat("'", kStopKey, "' in the namespace '", kDocumentNamespace,
                                   "' of a trial says what the stopping rule decided, and only the server writes it; "
                                   "take another key, or stop the trial with StopTrial"));
  }
  return absl::OkStatus();
}

size_t BytesOf(const pb::KeyValue& entry) {
  return entry.a_value_case() == pb::KeyValue::kProto ? entry.proto().ByteSizeLong() : entry.value().size();
}

absl::Status CheckLength(std::string_view field, size_t bytes, size_t most) {
  if (bytes <= most) return absl::OkStatus();
  return FieldError(field, absl::StrCat("has ", bytes, " bytes; at most ", most, " are allowed"));
}

// NotFound, with `details`: one of the trials does not exist.
absl::Status Apply(StudyEdit& edit, const std::vector<MetadataChange>& changes, std::string& details) {
  std::map<int64_t, TrialRow> trials;  // id 0: the study's own metadata changes
  for (const MetadataChange& change : changes) trials[change.trial_id.value_or(0)];
  for (auto& [id, row] : trials) {
    if (id == 0) continue;
    auto trial = edit.GetTrial(id);
    if (absl::IsNotFound(trial.status())) {
      details = absl::StrCat(trial.status().message(), "; nothing was changed");
    }
    ASSIGN_OR_RETURN(row, std::move(trial));
  }
  for (const MetadataChange& change : changes) {
    if (change.trial_id.has_value() && IsStopEntry(change.entry)) continue;  // a policy's note
    RETURN_IF_ERROR(PutEntry(edit.transaction(), edit.study().uid, change.trial_id.value_or(0), change.entry));
  }
  for (auto& [id, row] : trials) {
    ASSIGN_OR_RETURN(const MetadataSize size, CheckSize(edit, id));
    if (id == 0) continue;
    row.metadata_bytes = ReplyBytes(size);
    RETURN_IF_ERROR(edit.PutTrial(row));
  }
  if (!changes.empty()) edit.MarkChanged();
  return absl::OkStatus();
}

// What the algorithm has learnt of goals that `after`, the problem from now on, computes otherwise: it would take them
// for those of its new trials. What the study starts warm with is computed when it is created, and stays.
absl::Status ForgetOldGoals(StudyEdit& edit, const StudyProblem& after) {
  const auto before = edit.Problem();
  if (before.ok() && ScoreAlike(**before, after)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto state, edit.transaction().GetAlgorithmState(edit.study().uid, after.algorithm));
  if (state.value_or("").empty()) return absl::OkStatus();
  return edit.transaction().PutAlgorithmState(edit.study().uid, after.algorithm, "");
}

}  // namespace

absl::Status PutEntry(Transaction& transaction, int64_t study_uid, int64_t trial_id, pb::KeyValue entry) {
  SpellNamespace(entry);
  return transaction.PutMetadata(study_uid, trial_id, entry);
}

absl::Status PutMetadata(StudyEdit& edit, const std::vector<MetadataChange>& changes) {
  std::string details;
  return Apply(edit, changes, details);
}

absl::Status PutMetadata(StudyEdit& edit, const google::protobuf::RepeatedPtrField<pb::KeyValue>& entries,
                         TrialRow& row) {
  if (entries.empty()) return absl::OkStatus();
  for (const pb::KeyValue& entry : entries) {
    if (IsStopEntry(entry)) continue;
    RETURN_IF_ERROR(PutEntry(edit.transaction(), row.study_uid, row.id, entry));
  }
  ASSIGN_OR_RETURN(const MetadataSize size, CheckSize(edit, row.id));
  row.metadata_bytes = ReplyBytes(size);
  return edit.PutTrial(row);
}

absl::Status CheckMetadataEntry(const pb::KeyValue& entry) {
  RETURN_IF_ERROR(CheckLength("ns", entry.ns().size(), kMaxMetadataKeyBytes));
  RETURN_IF_ERROR(CheckLength("key", entry.key().size(), kMaxMetadataKeyBytes));
  return CheckLength("value", BytesOf(entry), kMaxMetadataValueBytes);
}

absl::Status CheckMetadata(const google::protobuf::RepeatedPtrField<pb::KeyValue>& metadata) {
  RETURN_IF_ERROR(CheckEntryCount("metadata", metadata.size()));
  for (int i = 0; i < metadata.size(); ++i) {
    RETURN_IF_ERROR(InField(absl::StrCat("metadata[", i, "]"), CheckMetadataEntry(metadata[i])));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> UpdateMetadata(StudyStore& store, const StudyName& name,
                                           const std::vector<MetadataChange>& changes, const RequestId& request) {
  RETURN_IF_ERROR(CheckEntryCount("delta", static_cast<int64_t>(changes.size())));
  RETURN_IF_ERROR(CheckNotOurs(changes));
  const auto problem_changes = ProblemChanges(changes);
  std::optional<CheckedProblem> checked;
  if (!problem_changes.empty()) {
    ASSIGN_OR_RETURN(checked, CheckProblemWith(store, name, problem_changes, request));
  }
  std::string details;
  const absl::Status status = store
                                  .EditOnce(name, request,
                                            [&](StudyEdit& edit) -> absl::StatusOr<int64_t> {
                                              details.clear();
                                              RETURN_IF_ERROR(CheckActive(name, edit.study()));
                                              if (!problem_changes.empty()) {
                                                RETURN_IF_ERROR(CheckUnchanged(edit.study(), checked));
                                                RETURN_IF_ERROR(ForgetOldGoals(edit, checked->problem));
                                                edit.MarkNewProblem();
                                              }
                                              RETURN_IF_ERROR(Apply(edit, changes, details));
                                              return 0;
                                            })
                                  .status();
  if (!details.empty()) return details;
  RETURN_IF_ERROR(status);
  return details;
}

}  // namespace photinus
