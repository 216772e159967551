#include "server/api/suggest_handlers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "server/scheduling/operations.h"

namespace photinus {
namespace {

// The part of the client's time that may pass before it hears that the operation is not done yet.
constexpr double kInlineShare = 0.8;

absl::StatusOr<Suggester::Request> ParseRequest(const vizier::SuggestTrialsRequest& request,
                                                const CallContext& context) {
  Suggester::Request parsed;
  ASSIGN_OR_RETURN(parsed.study, StudyName::Parse(request.parent()));
  RETURN_IF_ERROR(ValidateId("client_id", request.client_id()));
  if (request.suggestion_count() < 0 || request.suggestion_count() > kMaxSuggestionCount) {
    return FieldError("suggestion_count", absl::StrCat("is ", request.suggestion_count(), "; must be 0 (meaning 1) to ",
                                                       kMaxSuggestionCount));
  }
  parsed.claim.holder.client_id = request.client_id();
  parsed.claim.count = std::max(request.suggestion_count(), 1);
  const std::string asked = absl::StrCat(request.parent(), " ", request.client_id(), " ", request.suggestion_count());
  ASSIGN_OR_RETURN(parsed.request_id, RequestIdOf(context, "SuggestTrials", asked));
  parsed.inline_budget = std::min(kInlineBudget, context.remaining * kInlineShare);
  return parsed;
}

}  // namespace

void HandleSuggestTrials(Suggester& suggester, const vizier::SuggestTrialsRequest& request, const CallContext& context,
                         std::function<void(absl::StatusOr<google::longrunning::Operation>)> done) {
  auto parsed = ParseRequest(request, context);
  if (!parsed.ok()) return done(parsed.status());
  const StudyName study = parsed->study;
  suggester.Suggest(*std::move(parsed), [study, done = std::move(done)](absl::StatusOr<Suggested> suggested) {
    if (!suggested.ok()) return done(suggested.status());
    done(ViewOperation(study, *suggested->operation, suggested->study.state, std::move(suggested->trials)));
  });
}

absl::StatusOr<google::longrunning::Operation> HandleGetOperation(
    StudyStore& store, Suggester& suggester, const google::longrunning::GetOperationRequest& request) {
  ASSIGN_OR_RETURN(const OperationName name, OperationName::Parse(request.name()));
  return GetOperation(store, suggester, name);
}

}  // namespace photinus
