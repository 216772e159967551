#include "tests/conformance/history/history.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace photinus {
namespace {

std::string CallText(const Operation& o) {
  const std::string trial = absl::StrCat("trial ", o.trial);
  const std::string token = o.token.empty() ? "" : absl::StrCat(", token ", o.token);
  switch (o.action) {
    case Action::kCreateTrial:
      return absl::StrCat("CreateTrial(x=", o.x, ")");
    case Action::kSuggest:
      return absl::StrCat("SuggestTrials(", o.client, ", ", o.count, ")");
    case Action::kPull:
      return absl::StrCat("PullTrial(", o.client, ", process ", o.incarnation, ")");
    case Action::kMeasure:
      return absl::StrCat("AddTrialMeasurement(", trial, ", step ", o.reading.step, ", y=", o.reading.y, token, ")");
    case Action::kComplete:
      return absl::StrCat("CompleteTrial(", trial, ", y=", o.reading.y, token, ")");
    case Action::kCompleteInfeasible:
      return absl::StrCat("CompleteTrial(", trial, ", infeasible", token, ")");
    case Action::kStop:
      return absl::StrCat("StopTrial(", trial, ")");
    case Action::kDelete:
      return absl::StrCat("DeleteTrial(", trial, ")");
    case Action::kSetMetadata:
      return absl::StrCat("UpdateMetadata(", trial, ", ", o.key, "=", o.value, ")");
    case Action::kRelease:
      return absl::StrCat("Release(", trial, token, ")");
    case Action::kGet:
      return absl::StrCat("GetTrial(", trial, ")");
    case Action::kList:
      return "ListTrials()";
    case Action::kExpireLeases:
      return "leases expire";
  }
  return "";
}

std::string OutcomeText(const Operation& o) {
  switch (o.outcome) {
    case Outcome::kUnknown:
      return "unknown";
    case Outcome::kOk:
      return o.action == Action::kPull ? absl::StrCat("OK, token ", o.token) : "OK";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kLeaseLost:
      return "LEASE_LOST";
    case Outcome::kSuperseded:
      return "WORKER_SUPERSEDED";
    case Outcome::kNotFound:
      return "not found";
    case Outcome::kFault:
      return o.fault;
  }
  return "";
}

std::string ViewText(const TrialView& view) {
  std::string text = absl::StrCat("  {", view.id, " ", pb::Trial::State_Name(view.state));
  if (!view.client.empty()) absl::StrAppend(&text, " of ", view.client);
  if (view.result.has_value()) absl::StrAppend(&text, " y=", *view.result);
  for (const Reading& reading : view.readings) absl::StrAppend(&text, " @", reading.step, ":", reading.y);
  for (const auto& [key, value] : view.metadata) absl::StrAppend(&text, " ", key, "=", value);
  return text + "}";
}

}  // namespace

std::string Operation::ToString(bool with_answer) const {
  const std::string until = outcome == Outcome::kUnknown ? "..." : absl::StrCat(end);
  std::string text = absl::StrCat("[", begin, ", ", until, "] ", CallText(*this));
  if (!with_answer) return absl::StrCat(text, " -> any answer");
  absl::StrAppend(&text, " -> ", OutcomeText(*this));
  if (action == Action::kList) return absl::StrCat(text, " ", trials.size(), " trials");
  for (const TrialView& view : trials) text += ViewText(view);
  return text;
}

}  // namespace photinus
