#include "server/scheduling/remote_policy.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"

namespace photinus {
namespace {

using Updates = google::protobuf::RepeatedPtrField<pb::UnitMetadataUpdate>;

constexpr int64_t kMaxNotes = 10'000;  // of one answer, with those of its points
constexpr size_t kMaxReasonChars = 1000;

// What is wrong with an answer, for the client and for whoever runs the policy.
absl::Status InvalidReply(const std::string& endpoint, const std::string& fault) {
  return Error(absl::StatusCode::kFailedPrecondition, kPythiaInvalidReply,
               absl::StrCat("the policy at ", endpoint, " gave an answer of no use: ", fault,
                            "; nothing of it was stored: repair the policy, then ask again"));
}

absl::Status CheckAllowed(const PolicyEndpoints* endpoints, const std::string& endpoint) {
  if (endpoints != nullptr && endpoints->Allows(endpoint)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, kPythiaNotAllowed,
               absl::StrCat("the study's Pythia endpoint ", Quoted(endpoint), " is not allowed any more: start ",
                            "photinus-server with it in --pythia-endpoints, or name another one in the study"));
}

absl::Status CheckNote(const pb::KeyValue& entry) {
  if (IsPartOfProblem(entry)) {
    return FieldError("metadata", absl::StrCat(Quoted(entry.key()), " of the namespace ", Quoted(entry.ns()),
                                               " belongs to the study's owner"));
  }
  return CheckMetadataEntry(entry);
}

absl::Status CheckTrialEntry(const pb::KeyValue& entry) {
  if (!IsRoleEntry(entry)) return CheckMetadataEntry(entry);
  return FieldError("metadata",
                    absl::StrCat(Quoted(entry.key()), " of the namespace ", Quoted(entry.ns()),
                                 " says what a trial is for, which is not a policy's to say; leave it out"));
}

// `max_trial_id`: the greatest id that a trial had when the policy was asked.
absl::StatusOr<std::vector<MetadataChange>> CheckNotes(const Updates& updates, int64_t max_trial_id) {
  std::vector<MetadataChange> notes;
  for (const pb::UnitMetadataUpdate& update : updates) {
    MetadataChange note;
    RETURN_IF_ERROR(CheckNote(update.metadatum()));
    if (update.has_trial_id()) {
      int64_t id = 0;
      if (!absl::SimpleAtoi(update.trial_id(), &id) || id < 1 || id > max_trial_id) {
        return FieldError("metadata.trial_id", absl::StrCat(Quoted(update.trial_id()), " is no trial of the study"));
      }
      RETURN_IF_ERROR(CheckTrialEntry(update.metadatum()));
      note.trial_id = id;
    }
    note.entry = update.metadatum();
    notes.push_back(std::move(note));
  }
  return notes;
}

absl::StatusOr<pb::Trial> CheckSuggestion(const StudyProblem& problem, pb::TrialSuggestion suggestion) {
  pb::Trial trial;
  trial.mutable_parameters()->Swap(suggestion.mutable_parameters());
  ASSIGN_OR_RETURN(const Point point, PointFromTrial(trial));
  RETURN_IF_ERROR(problem.space.Validate(point));
  for (const pb::KeyValue& entry : suggestion.metadata()) RETURN_IF_ERROR(CheckTrialEntry(entry));
  trial.mutable_metadata()->Swap(suggestion.mutable_metadata());
  return trial;
}

absl::StatusOr<PolicySuggestions> CheckSuggestions(const StudyProblem& problem, const pb::SuggestRequest& request,
                                                   pb::SuggestDecision decision) {
  const int64_t most = int64_t{request.count()} + kMostUnasked;
  if (decision.suggestions_size() > most) {
    return FieldError("suggestions", absl::StrCat("has ", decision.suggestions_size(), " where ", request.count(),
                                                  " were asked for; at most ", most));
  }
  PolicySuggestions checked;
  int64_t notes = decision.metadata_size();
  for (int i = 0; i < decision.suggestions_size(); ++i) {
    notes += decision.suggestions(i).metadata_size();
    auto trial = CheckSuggestion(problem, std::move(*decision.mutable_suggestions(i)));
    if (!trial.ok()) return InField(absl::StrCat("suggestions[", i, "]"), trial.status());
    checked.trials.push_back(*std::move(trial));
  }
  if (notes > kMaxNotes) return FieldError("metadata", absl::StrCat("has ", notes, " entries; at most ", kMaxNotes));
  ASSIGN_OR_RETURN(checked.notes, CheckNotes(decision.metadata(), request.study_descriptor().max_trial_id()));
  return checked;
}

absl::StatusOr<PolicyDecisions> CheckDecisions(const pb::EarlyStopRequest& request,
                                               const pb::EarlyStopDecisions& answer) {
  const int max_trial_id = request.study_descriptor().max_trial_id();
  if (answer.decisions_size() > request.trial_ids_size() + kMostUnasked) {
    return FieldError("decisions", absl::StrCat("has ", answer.decisions_size(), "; at most ",
                                                request.trial_ids_size() + kMostUnasked));
  }
  if (answer.metadata_size() > kMaxNotes) {
    return FieldError("metadata", absl::StrCat("has ", answer.metadata_size(), " entries; at most ", kMaxNotes));
  }
  PolicyDecisions checked;
  for (const pb::EarlyStopDecision& decision : answer.decisions()) {
    if (decision.id() < 1 || decision.id() > max_trial_id) {
      return FieldError("decisions.id", absl::StrCat(decision.id(), " is no trial of the study"));
    }
    if (!decision.should_stop()) continue;
    checked.stops.push_back({decision.id(), Shortened(decision.reason(), kMaxReasonChars)});
  }
  ASSIGN_OR_RETURN(checked.notes, CheckNotes(answer.metadata(), max_trial_id));
  return checked;
}

}  // namespace

absl::StatusOr<pb::StudyDescriptor> DescribeStudy(Snapshot& snapshot, const StudyRow& study) {
  pb::StudyDescriptor descriptor;
  descriptor.set_guid(StudyName{study.owner, study.display_name}.ToString());
  descriptor.set_max_trial_id(static_cast<int32_t>(study.next_trial_id - 1));  // a study has a million at most
  pb::ProblemStatement& config = *descriptor.mutable_config();
  *config.mutable_search_space() = study.spec.parameters();
  *config.mutable_metric_information() = study.spec.metrics();
  ASSIGN_OR_RETURN(const auto metadata, snapshot.ListMetadata(study.uid, 0, 0));
  for (const MetadataRow& row : metadata) *config.add_metadata() = row.entry;
  return descriptor;
}

absl::StatusOr<PolicySuggestions> AskForSuggestions(PolicyEndpoints* endpoints, const StudyProblem& problem,
                                                    const pb::SuggestRequest& request,
                                                    const std::function<bool()>& cancelled) {
  const std::string& endpoint = problem.pythia_endpoint;
  RETURN_IF_ERROR(CheckAllowed(endpoints, endpoint));
  ASSIGN_OR_RETURN(pb::SuggestDecision decision, endpoints->Suggest(endpoint, request, cancelled));
  auto checked = CheckSuggestions(problem, request, std::move(decision));
  if (!checked.ok()) return InvalidReply(endpoint, std::string(checked.status().message()));
  return checked;
}

absl::StatusOr<PolicyDecisions> AskForDecisions(PolicyEndpoints* endpoints, const StudyProblem& problem,
                                                const pb::EarlyStopRequest& request,
                                                const std::function<bool()>& cancelled) {
  const std::string& endpoint = problem.pythia_endpoint;
  RETURN_IF_ERROR(CheckAllowed(endpoints, endpoint));
  ASSIGN_OR_RETURN(const pb::EarlyStopDecisions answer, endpoints->EarlyStop(endpoint, request, cancelled));
  auto checked = CheckDecisions(request, answer);
  if (!checked.ok()) return InvalidReply(endpoint, std::string(checked.status().message()));
  return checked;
}

absl::Status PutNotes(StudyEdit& edit, std::vector<MetadataChange> notes) {
  std::map<int64_t, bool> exists;
  for (const MetadataChange& note : notes) {
    const int64_t id = note.trial_id.value_or(0);
    if (id == 0 || exists.count(id) > 0) continue;
    ASSIGN_OR_RETURN(const auto trial, edit.transaction().GetTrial(edit.study().uid, id));
    exists[id] = trial.has_value();
  }
  std::erase_if(notes, [&](const auto& note) { return note.trial_id.has_value() && !exists[*note.trial_id]; });
  return PutMetadata(edit, notes);
}

}  // namespace photinus
