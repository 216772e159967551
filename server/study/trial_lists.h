// Lists of trials: all by id, and the best.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_LISTS_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_LISTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"

namespace photinus {

// The most that one unpaged list may take on the wire, and what a page is cut at.
inline constexpr int64_t kMaxListBytes = int64_t{64} << 20;
inline constexpr int64_t kMaxPageBytes = int64_t{16} << 20;

// Whether a page of `count` items and `bytes` has no room for another of `size`. A page has one item at least.
inline bool PageIsFull(int64_t count, int64_t bytes, int64_t page_size, int64_t size) {
  return count == page_size || (count > 0 && bytes + size > kMaxPageBytes);
}

// ResourceExhausted: the unpaged list `what`, "studies of owners/ada", takes more than kMaxListBytes.
absl::Status ListTooLarge(std::string_view what);

struct TrialPage {
  std::vector<pb::Trial> trials;
  std::string next_page_token;
};

// Pages end early where their trials are large (kMaxPageBytes): the token, not the number of trials, says whether there
// are more.

// By ascending id. Every trial that exists throughout appears exactly once; those created after the first page do not.
// NotFound. InvalidArgument: page size or token. ResourceExhausted: page_size 0, which takes a long read, and more than
// kMaxListBytes.
absl::StatusOr<TrialPage> ListTrials(StudyStore& store, const PageTokens& tokens, const StudyName& study, int page_size,
                                     std::string_view page_token, const ReadOptions& options = {});

// The incumbent, or with several objectives the Pareto front, by id. As ListTrials.
absl::StatusOr<TrialPage> ListOptimalTrials(StudyStore& store, const PageTokens& tokens, const StudyName& study,
                                            int page_size, std::string_view page_token,
                                            const ReadOptions& options = {});

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_LISTS_H_
