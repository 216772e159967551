// Which of the processes under one worker's name counts: the one that was first heard of last. Pure functions on a row;
// service.md C11.
#ifndef PHOTINUS_SERVER_STUDY_WORKER_STATE_H_
#define PHOTINUS_SERVER_STUDY_WORKER_STATE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/storage/storage.h"

namespace photinus {

inline constexpr char kWorkerSuperseded[] = "WORKER_SUPERSEDED";  // a reason of errors

// The worker to which a client id, <worker>.<slot>, belongs.
std::string WorkerOf(std::string_view client_id);

// FailedPrecondition WORKER_SUPERSEDED: another process came up under the worker's name after this one.
absl::Status CheckIncarnation(const WorkerRow& worker, std::string_view incarnation);

// In place of a process, once the last one said that it leaves. No process calls itself so.
inline constexpr char kNoProcess[] = "/";

// The process is the worker's from now on. Of those before it the latest few are remembered.
void Supersede(std::string_view incarnation, WorkerRow& worker);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_WORKER_STATE_H_
