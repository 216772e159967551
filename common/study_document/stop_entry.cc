#include "common/study_document/stop_entry.h"

#include <google/protobuf/util/json_util.h>

#include "common/study_document/problem_entries.h"

namespace photinus {

namespace json = google::protobuf::util;

bool IsStopEntry(const pb::KeyValue& entry) { return IsOwnNamespace(entry.ns()) && entry.key() == kStopKey; }

std::optional<pb::KeyValue> StopEntry(const v1::StopDecision& decision) {
  if (decision.outcome() == v1::StopDecision::OUTCOME_UNSPECIFIED) return std::nullopt;
  json::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  pb::KeyValue entry;
  entry.set_ns(kDocumentNamespace);
  entry.set_key(kStopKey);
  if (!json::MessageToJsonString(decision, entry.mutable_value(), options).ok()) return std::nullopt;
  return entry;
}

std::optional<v1::StopDecision> StopDecisionOf(const pb::Trial& trial) {
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (!IsStopEntry(entry)) continue;
    json::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    v1::StopDecision decision;
    if (!json::JsonStringToMessage(entry.value(), &decision, options).ok()) return std::nullopt;
    return decision;
  }
  return std::nullopt;
}

}  // namespace photinus
