#include "common/study_document/problem_entries.h"

namespace photinus {

bool IsOwnNamespace(std::string_view ns) {
  if (!ns.empty() && ns.front() == ':') ns.remove_prefix(1);
  return ns == kDocumentNamespace;
}

bool IsStudyDocument(const pb::KeyValue& entry) { return IsOwnNamespace(entry.ns()) && entry.key() == kDocumentKey; }

bool IsEndpoint(const pb::KeyValue& entry) { return entry.ns() == kEndpointNamespace && entry.key() == kEndpointKey; }

bool IsPartOfProblem(const pb::KeyValue& entry) { return IsEndpoint(entry) || IsStudyDocument(entry); }

void SpellNamespace(pb::KeyValue& entry) {
  if (IsOwnNamespace(entry.ns())) entry.set_ns(kDocumentNamespace);
}

}  // namespace photinus
