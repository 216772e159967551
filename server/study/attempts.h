// Attempts that end without completing their trial: service.md C13.
#ifndef PHOTINUS_SERVER_STUDY_ATTEMPTS_H_
#define PHOTINUS_SERVER_STUDY_ATTEMPTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "server/study/lease_token.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"

namespace photinus {

// The worker that held `token` is gone: its trial, if it still runs under that token, waits for another, or is
// INFEASIBLE after too many losses. Whether something changed. FailedPrecondition: the study is not ACTIVE.
absl::StatusOr<bool> LoseTrial(StudyStore& store, const TrialName& name, const LeaseToken& token);

enum class ReleaseCause {
  kGivenBack,  // not the trial's fault: never held against it
  kCrashed,    // its program died by a signal that the worker did not send: a loss like that of its worker
};
// A worker gives its trial back. `why`: for people, kept with the attempt. That it did so before changes nothing.
// NotFound. FailedPrecondition: the study is not ACTIVE, LEASE_LOST.
absl::Status ReleaseTrial(StudyStore& store, const TrialName& name, const LeaseToken& token, ReleaseCause cause,
                          std::string_view why = "");

// The attempt that ended under `token`; nullopt: none did, or it is another trial's token.
absl::StatusOr<std::optional<AttemptRow>> FindAttempt(Snapshot& snapshot, const TrialRow& trial,
                                                      const LeaseToken& token);

struct AttemptView {
  AttemptRow row;
  std::vector<pb::Measurement> measurements;
};
struct AttemptPage {
  std::vector<AttemptView> attempts;
  std::string next_page_token;
};
// The earlier attempts of a trial, the oldest first. Pages end early, and unpaged lists, which take a long read, are
// refused, as those of ListTrials. NotFound. InvalidArgument: page size or token. ResourceExhausted: page_size 0 and
// more than kMaxListBytes.
absl::StatusOr<AttemptPage> ListAttempts(StudyStore& store, const PageTokens& tokens, const TrialName& name,
                                         int page_size, std::string_view page_token, const ReadOptions& options = {});

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_ATTEMPTS_H_
