// Which entries of a study's metadata are part of its problem: the study document and the Pythia endpoint.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_PROBLEM_ENTRIES_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_PROBLEM_ENTRIES_H_

#include <string_view>

#include "common/base/pb.h"

namespace photinus {

inline constexpr char kDocumentNamespace[] = "photinus";
inline constexpr char kDocumentKey[] = "study";

// The Pythia server whose policy searches for the study; stock clients call it StudyConfig.pythia_endpoint.
inline constexpr char kEndpointNamespace[] = ":service";
inline constexpr char kEndpointKey[] = "PYTHIA_ENDPOINT";

// Whether a namespace is `photinus`. google-vizier writes a colon before every part of a namespace, also before the
// first (`Namespace.encode`), and reads "photinus" and ":photinus" as one: so do we.
bool IsOwnNamespace(std::string_view ns);

// Of entries of a study's own metadata.
bool IsStudyDocument(const pb::KeyValue& entry);
bool IsEndpoint(const pb::KeyValue& entry);
bool IsPartOfProblem(const pb::KeyValue& entry);

// Spells our namespace as the server keeps it, without a colon; other entries stay as they are.
void SpellNamespace(pb::KeyValue& entry);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_PROBLEM_ENTRIES_H_
