#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/spaces/named_spaces.h"
#include "common/study_document/named_space.h"
#include "common/study_document/placeholders.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/study_document.h"

namespace photinus {
namespace {

constexpr size_t kMaxShownBytes = 100;
constexpr int kMaxDepth = 32;  // of conditional parameters; the search space room refuses deeper ones

absl::Status StandsTwice(const std::string& ns, const std::string& other) {
  const std::string where =
      ns == other ? "" : absl::StrCat(", in the namespaces ", Quoted(ns), " and ", Quoted(other), ", which are one");
  return FieldError("metadata", absl::StrCat("the study document stands twice", where));
}

// The document's entry in the metadata; null if there is none. InvalidArgument: two, or one that is no string.
absl::StatusOr<const pb::KeyValue*> FindEntry(const pb::StudySpec& spec) {
  const pb::KeyValue* found = nullptr;
  for (const pb::KeyValue& entry : spec.metadata()) {
    if (!IsStudyDocument(entry)) continue;
    if (found != nullptr) return StandsTwice(found->ns(), entry.ns());
    if (entry.has_proto()) return FieldError("metadata", "the study document must be a string of JSON, not a message");
    found = &entry;
  }
  return found;
}

absl::Status CheckDerivedMetrics(const StudyDocument& document, const pb::StudySpec& spec) {
  for (size_t i = 0; i < document.derived.size(); ++i) {
    const DerivedMetric& metric = document.derived[i];
    const std::string path = absl::StrCat("metrics[", i, "]");
    const pb::StudySpec::MetricSpec* objective = nullptr;
    for (const auto& candidate : spec.metrics()) {
      if (candidate.metric_id() == metric.name) objective = &candidate;
    }
    if (objective == nullptr) {
      return FieldError(path + ".name", absl::StrCat(Quoted(metric.name), " is no metric of the study's spec"));
    }
    const auto goal = metric.maximize ? pb::StudySpec::MetricSpec::MAXIMIZE : pb::StudySpec::MetricSpec::MINIMIZE;
    const bool unspecified = objective->goal() == pb::StudySpec::MetricSpec::GOAL_TYPE_UNSPECIFIED;  // is MAXIMIZE
    if (objective->goal() != goal && !(unspecified && metric.maximize)) {
      return FieldError(path + ".goal",
                        absl::StrCat("differs from the goal of ", Quoted(metric.name), " in the study's spec"));
    }
  }
  return absl::OkStatus();
}

void CollectIds(const pb::StudySpec::ParameterSpec& parameter, int depth, std::set<std::string>& ids) {
  ids.insert(parameter.parameter_id());
  if (depth > kMaxDepth) return;
  for (const auto& child : parameter.conditional_parameter_specs()) CollectIds(child.parameter_spec(), depth + 1, ids);
}

// The nearest parameter, or all of them where they are few.
std::string Advice(const std::string& name, const std::set<std::string>& ids) {
  constexpr size_t kMaxListed = 12;
  const std::string nearest = DidYouMean(name, ids);
  if (!nearest.empty() || ids.empty() || ids.size() > kMaxListed) return nearest;
  return absl::StrCat("; it has ", absl::StrJoin(ids, ", "));
}

absl::Status CheckPlaceholders(const TrialSettings& trial, const pb::StudySpec& spec) {
  std::set<std::string> ids;
  for (const auto& parameter : spec.parameters()) CollectIds(parameter, 0, ids);
  for (size_t i = 0; i < trial.argv.size(); ++i) {
    for (const std::string& name : Placeholders(trial.argv[i])) {
      if (ids.count(name) > 0) continue;
      return FieldError(
          absl::StrCat("trial.argv[", i, "]"),
          absl::StrCat("{", Shortened(name, kMaxShownBytes), "} is no parameter of the study", Advice(name, ids)));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOutcomeConstraints(const StudyDocument& document, const pb::StudySpec& spec) {
  std::set<std::string> ids;
  for (const auto& parameter : spec.parameters()) CollectIds(parameter, 0, ids);
  for (size_t i = 0; i < document.outcome_constraints.size(); ++i) {
    const std::string& metric = document.outcome_constraints[i].metric;
    if (ids.count(metric) == 0) continue;
    return FieldError(absl::StrCat("outcome_constraints[", i, "]"),
                      absl::StrCat(Quoted(metric), " is a parameter, not a metric that trials report"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StudyDocument> StudyDocumentOf(const pb::StudySpec& spec) {
  ASSIGN_OR_RETURN(const pb::KeyValue* entry, FindEntry(spec));
  StudyDocument document;
  if (entry != nullptr) {
    ASSIGN_OR_RETURN(document, ParseStudyDocument(entry->value()));
  }
  if (!document.early_stopping.has_value() && spec.has_default_stopping_spec()) {
    document.early_stopping = EarlyStoppingSettings{.rule = "TSGP"};
  }
  RETURN_IF_ERROR(CheckDerivedMetrics(document, spec));
  RETURN_IF_ERROR(CheckOutcomeConstraints(document, spec));
  if (!document.space.empty()) RETURN_IF_ERROR(CheckAgainstSpace(spec, *spaces::FindSpace(document.space)));
  if (document.trial.has_value()) RETURN_IF_ERROR(CheckPlaceholders(*document.trial, spec));
  return document;
}

}  // namespace photinus
