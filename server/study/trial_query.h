// Filtered and sorted trials: docs/cli.md says what a filter may name.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_QUERY_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_QUERY_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "common/expression/expression.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"
#include "server/study/trial_lists.h"

namespace photinus {

struct TrialSearch {
  std::string filter;    // an expression that is true for the wanted ones; empty: all
  std::string order_by;  // a name, with '-' in front for the largest first; empty: id. Trials without a value come last
  int page_size = 0;     // 0: kMaxPageSize
  std::string page_token;
};

// The value of a name for a trial with its derived metrics: `id`, `state`, `client_id`, `measurements` (their number),
// else a metric of the final measurement, else of the latest measurement that has it, else a parameter.
std::optional<Expression::Value> TrialField(const pb::Trial& trial, std::string_view name);

// A long read. Pages end early where their trials are large, as those of ListTrials. Where id, state and objectives are
// all that is asked for, the history by columns is looked through for each page; else the trials are read, once over
// all pages of a list by id, once for each page of a sorted one.
//
// Trials that a filter cannot judge, because they lack a metric or parameter it names, are left out. A page of a sorted
// list begins behind the place of the last trial that was sent; only a trial whose own place changes meanwhile may
// appear twice or not at all. NotFound. InvalidArgument: filter (with the column), order_by, page size or token; a name
// that the study's spec and all its trials lack.
absl::StatusOr<TrialPage> QueryTrials(StudyStore& store, const PageTokens& tokens, const StudyName& study,
                                      const TrialSearch& search, const ReadOptions& options = {});

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_QUERY_H_
