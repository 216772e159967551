#include "server/study/trial_query.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

constexpr int64_t kReadChunk = 1000;
constexpr const char* kFixedNames[] = {"id", "state", "client_id", "measurements"};

std::optional<Expression::Value> MetricField(const pb::Trial& trial, std::string_view name) {
  if (const auto value = MetricOf(trial.final_measurement(), name)) return *value;
  for (int i = trial.measurements_size() - 1; i >= 0; --i) {
    if (const auto value = MetricOf(trial.measurements(i), name)) return *value;
  }
  return std::nullopt;
}

struct Match {
  int64_t id = 0;
  std::optional<Expression::Value> key;
};

// What is asked, parsed.
struct Search {
  std::optional<Expression> filter;
  std::string key;
  bool descending = false;
};

absl::StatusOr<Search> ParseSearch(const TrialSearch& search) {
  Search parsed;
  if (!search.filter.empty()) {
    auto filter = Expression::Parse(search.filter);
    if (!filter.ok()) return InField("filter", filter.status());
    if (!filter->aggregates().empty()) {
      return FieldError("filter", absl::StrCat("cannot compare with ", filter->aggregates()[0], " yet"));
    }
    parsed.filter = *std::move(filter);
  }
  parsed.key = search.order_by.empty() ? "id" : search.order_by;
  if (parsed.key[0] == '-') {
    parsed.descending = true;
    parsed.key.erase(0, 1);
  }
  return parsed;
}

// Numbers before text, no value (and NaN) last whatever the direction, ties by id.
bool Before(const Match& a, const Match& b, bool descending) {
  const auto has_value = [](const Match& match) {
    return match.key.has_value() &&
           !(std::holds_alternative<double>(*match.key) && std::isnan(std::get<double>(*match.key)));
  };
  if (has_value(a) != has_value(b)) return has_value(a);
  if (!has_value(a) || *a.key == *b.key) return a.id < b.id;
  return descending ? *b.key < *a.key : *a.key < *b.key;
}

// The names that `search` uses; those seen in a trial are taken out.
std::set<std::string> UnknownNames(const Search& search, const StudyProblem& problem) {
  std::set<std::string> names;
  if (search.filter.has_value()) names.insert(search.filter->variables().begin(), search.filter->variables().end());
  names.insert(search.key);
  for (const char* name : kFixedNames) names.erase(name);
  for (const ObjectiveMetric& objective : problem.objectives) names.erase(objective.metric);
  for (const DerivedFormula& formula : problem.derived) {
    for (const std::string& name : formula.expression.variables()) names.erase(name);
  }
  for (const Parameter& parameter : problem.space.parameters()) names.erase(parameter.id);
  return names;
}

absl::Status NameError(const Search& search, const std::string& name, const StudyProblem& problem) {
  std::vector<std::string> known(std::begin(kFixedNames), std::end(kFixedNames));
  for (const ObjectiveMetric& objective : problem.objectives) known.push_back(objective.metric);
  for (const Parameter& parameter : problem.space.parameters()) known.push_back(parameter.id);
  return FieldError(
      search.key == name ? "order_by" : "filter",
      absl::StrCat("'", name, "' is neither a metric nor a parameter of this study", DidYouMean(name, known)));
}

absl::StatusOr<bool> Matches(const Search& search, const pb::Trial& trial) {
  if (!search.filter.has_value()) return true;
  const auto result = search.filter->EvaluateBool([&](std::string_view name) { return TrialField(trial, name); });
  if (absl::IsNotFound(result.status())) return false;
  if (!result.ok()) return FieldError("filter", std::string(result.status().message()));
  return *result;
}

absl::StatusOr<std::vector<Match>> FindMatches(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                               const Search& search, int64_t last_id) {
  std::vector<Match> matches;
  std::set<std::string> unknown = UnknownNames(search, problem);
  TrialQuery query;
  query.limit = kReadChunk;
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(std::vector<TrialRow> rows, snapshot.ListTrials(study.uid, query));
    more = static_cast<int64_t>(rows.size()) == kReadChunk;
    while (!rows.empty() && rows.back().id > last_id) rows.pop_back();
    if (rows.empty()) break;
    query.after_id = rows.back().id;
    ASSIGN_OR_RETURN(const auto trials, ViewTrials(snapshot, study, problem, rows));
    for (size_t i = 0; i < trials.size(); ++i) {
      for (auto name = unknown.begin(); name != unknown.end();) {
        name = TrialField(trials[i], *name).has_value() ? unknown.erase(name) : std::next(name);
      }
      ASSIGN_OR_RETURN(const bool match, Matches(search, trials[i]));
      if (match) matches.push_back({rows[i].id, TrialField(trials[i], search.key)});
    }
  }
  if (!unknown.empty()) return NameError(search, *unknown.begin(), problem);
  std::sort(matches.begin(), matches.end(),
            [&](const Match& a, const Match& b) { return Before(a, b, search.descending); });
  return matches;
}

}  // namespace

std::optional<Expression::Value> TrialField(const pb::Trial& trial, std::string_view name) {
  if (name == "id") {
    const auto id = ParseTrialId(trial.id());
    return id.ok() ? std::optional<Expression::Value>(static_cast<double>(*id)) : std::nullopt;
  }
  if (name == "state") return pb::Trial::State_Name(trial.state());
  if (name == "client_id") return trial.client_id();
  if (name == "measurements") return static_cast<double>(trial.measurements_size());
  if (const auto value = MetricField(trial, name)) return value;
  for (const auto& parameter : trial.parameters()) {
    if (parameter.parameter_id() != name) continue;
    if (parameter.value().kind_case() == google::protobuf::Value::kStringValue) {
      return parameter.value().string_value();
    }
    return parameter.value().number_value();
  }
  return std::nullopt;
}

absl::StatusOr<TrialPage> QueryTrials(StudyStore& store, const PageTokens& tokens, const StudyName& name,
                                      const TrialSearch& request) {
  ASSIGN_OR_RETURN(int size, CheckPageSize(request.page_size));
  if (size == 0) size = kMaxPageSize;
  ASSIGN_OR_RETURN(const Search search, ParseSearch(request));
  TrialPage page;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    const std::string list = absl::StrCat("query of ", study.uid, "|", request.filter, "|", request.order_by);
    ASSIGN_OR_RETURN(PagePosition position, tokens.Parse(list, request.page_token));
    if (request.page_token.empty()) position.limit = study.next_trial_id - 1;
    ASSIGN_OR_RETURN(const auto matches, FindMatches(snapshot, study, *problem, search, position.limit));
    const auto begin = static_cast<size_t>(position.after);
    const size_t end = std::min(begin + size, matches.size());
    for (size_t i = begin; i < end; ++i) {
      ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, matches[i].id));
      if (!row.has_value()) continue;
      ASSIGN_OR_RETURN(pb::Trial trial, ViewTrial(snapshot, study, *problem, *row));
      page.trials.push_back(std::move(trial));
    }
    if (end < matches.size()) page.next_page_token = tokens.Make(list, {static_cast<int64_t>(end), position.limit});
    return absl::OkStatus();
  }));
  return page;
}

}  // namespace photinus
