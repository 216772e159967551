// What the stopping rule decided about a trial, as an entry of the trial's metadata. Replies have it; it is not stored
// there.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_STOP_ENTRY_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_STOP_ENTRY_H_

#include <optional>

#include "common/base/pb.h"
#include "photinus/v1/stop_decision.pb.h"

namespace photinus {

inline constexpr char kStopKey[] = "stop";  // in our namespace

// Whether an entry of a trial's metadata stands where the server shows its decision; clients cannot write it.
bool IsStopEntry(const pb::KeyValue& entry);

// The decision as JSON with the message's field names. Nullopt: there is none.
std::optional<pb::KeyValue> StopEntry(const v1::StopDecision& decision);

// What the first such entry of the trial says. Nullopt: it has none.
std::optional<v1::StopDecision> StopDecisionOf(const pb::Trial& trial);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_STOP_ENTRY_H_
