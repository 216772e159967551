#include "server/study/trial_query.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/trial_scan.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

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

// No value for NaN.
Match MakeMatch(const pb::Trial& trial, int64_t id, const std::string& key) {
  Match match{id, TrialField(trial, key)};
  const double* number = match.key.has_value() ? std::get_if<double>(&*match.key) : nullptr;
  if (number != nullptr && std::isnan(*number)) match.key.reset();
  return match;
}

// Numbers before text, no value last whatever the direction, ties by id.
bool Before(const Match& a, const Match& b, bool descending) {
  if (a.key.has_value() != b.key.has_value()) return a.key.has_value();
  if (!a.key.has_value() || *a.key == *b.key) return a.id < b.id;
  return descending ? *b.key < *a.key : *a.key < *b.key;
}

// The place of a match in its list, as a page token keeps it: the kind of its key, and the key.
std::string KeyText(const std::optional<Expression::Value>& key) {
  if (!key.has_value()) return "-";
  if (const auto* number = std::get_if<double>(&*key)) return absl::StrCat("n", std::bit_cast<int64_t>(*number));
  return absl::StrCat("t", std::get<std::string>(*key));
}
Match LastMatch(const PagePosition& position) {
  Match match{position.after, std::nullopt};
  const absl::string_view key = position.key;
  int64_t bits = 0;
  if (key[0] == 't') match.key = std::string(key.substr(1));
  if (key[0] == 'n' && absl::SimpleAtoi(key.substr(1), &bits)) match.key = std::bit_cast<double>(bits);
  return match;
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
      absl::StrCat(Quoted(name), " is neither a metric nor a parameter of this study", DidYouMean(name, known)));
}

// Judges trials, and takes out of `unknown` the names that it meets.
class Judge {
 public:
  Judge(const Search& search, std::set<std::string>& unknown) : search_(search), unknown_(unknown) {}

  absl::StatusOr<bool> Matches(const pb::Trial& trial) {
    for (auto name = unknown_.begin(); name != unknown_.end();) {
      name = TrialField(trial, *name).has_value() ? unknown_.erase(name) : std::next(name);
    }
    if (!search_.filter.has_value()) return true;
    const auto result = search_.filter->EvaluateBool([&](std::string_view name) { return TrialField(trial, name); });
    if (absl::IsNotFound(result.status())) return false;
    if (!result.ok()) return FieldError("filter", std::string(result.status().message()));
    return *result;
  }

 private:
  const Search& search_;
  std::set<std::string>& unknown_;
};

// What one call works with.
struct Query {
  Snapshot& snapshot;
  const StudyRow& study;
  const StudyProblem& problem;
  const Search& search;
  const PageTokens& tokens;
  const std::string& list;  // for the token
  int page_size;
  const ReadOptions& options;
};

// A page of trials in the order of their ids, from where the last page ended. Reads on to the end only while a name of
// the search has been met nowhere.
absl::StatusOr<TrialPage> PageById(const Query& query, PagePosition position) {
  TrialPage page;
  std::set<std::string> unknown;
  if (position.after == 0) unknown = UnknownNames(query.search, query.problem);  // else the first page has judged them
  Judge judge(query.search, unknown);
  TrialScan scan(query.snapshot, query.study, query.problem, position.after, position.limit);
  int64_t bytes = 0;
  bool full = false;
  while (!full || !unknown.empty()) {
    RETURN_IF_ERROR(query.options.Check());
    ASSIGN_OR_RETURN(std::vector<TrialScan::Item> items, scan.Next());
    if (items.empty()) break;
    for (TrialScan::Item& item : items) {
      ASSIGN_OR_RETURN(const bool match, judge.Matches(item.trial));
      if (!match || full) continue;
      full = PageIsFull(static_cast<int64_t>(page.trials.size()), bytes, query.page_size, item.bytes);
      if (full) {
        page.next_page_token = query.tokens.Make(query.list, position);
        continue;
      }
      bytes += item.bytes;
      position.after = item.id;
      page.trials.push_back(std::move(item.trial));
    }
  }
  if (!unknown.empty()) return NameError(query.search, *unknown.begin(), query.problem);
  return page;
}

// All of the list, in its order.
absl::StatusOr<std::vector<Match>> FindMatches(const Query& query, const PagePosition& position) {
  std::vector<Match> matches;
  std::set<std::string> unknown;
  if (position.key.empty()) unknown = UnknownNames(query.search, query.problem);  // else as in PageById
  Judge judge(query.search, unknown);
  TrialScan scan(query.snapshot, query.study, query.problem, 0, position.limit);
  while (true) {
    RETURN_IF_ERROR(query.options.Check());
    ASSIGN_OR_RETURN(const std::vector<TrialScan::Item> items, scan.Next());
    if (items.empty()) break;
    for (const TrialScan::Item& item : items) {
      ASSIGN_OR_RETURN(const bool match, judge.Matches(item.trial));
      if (match) matches.push_back(MakeMatch(item.trial, item.id, query.search.key));
    }
  }
  if (!unknown.empty()) return NameError(query.search, *unknown.begin(), query.problem);
  std::sort(matches.begin(), matches.end(),
            [&](const Match& a, const Match& b) { return Before(a, b, query.search.descending); });
  return matches;
}

// A page of the sorted list, from where the last page ended, whatever has become of the trials of that page.
absl::StatusOr<TrialPage> PageSorted(const Query& query, PagePosition position) {
  TrialPage page;
  ASSIGN_OR_RETURN(const auto matches, FindMatches(query, position));
  const auto before = [&](const Match& a, const Match& b) { return Before(a, b, query.search.descending); };
  auto match = matches.begin();
  if (!position.key.empty()) match = std::upper_bound(match, matches.end(), LastMatch(position), before);
  int64_t bytes = 0;
  for (; match != matches.end(); ++match) {
    RETURN_IF_ERROR(query.options.Check());
    ASSIGN_OR_RETURN(const auto row, query.snapshot.GetTrial(query.study.uid, match->id));
    if (!row.has_value()) continue;
    ASSIGN_OR_RETURN(pb::Trial trial, ViewTrial(query.snapshot, query.study, query.problem, *row));
    const auto size = static_cast<int64_t>(trial.ByteSizeLong());
    if (PageIsFull(static_cast<int64_t>(page.trials.size()), bytes, query.page_size, size)) {
      page.next_page_token = query.tokens.Make(query.list, position);
      break;
    }
    bytes += size;
    position.after = match->id;
    position.key = KeyText(match->key);
    page.trials.push_back(std::move(trial));
  }
  return page;
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
                                      const TrialSearch& request, const ReadOptions& options) {
  ASSIGN_OR_RETURN(int size, CheckPageSize(request.page_size));
  if (size == 0) size = kMaxPageSize;
  ASSIGN_OR_RETURN(const Search search, ParseSearch(request));
  TrialPage page;
  RETURN_IF_ERROR(store.ReadLong(options, [&](Snapshot& snapshot) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    const std::string list = absl::StrCat("query of ", study.uid, "|", request.filter, "|", request.order_by);
    ASSIGN_OR_RETURN(PagePosition position, tokens.Parse(list, request.page_token));
    if (request.page_token.empty()) position.limit = study.next_trial_id - 1;
    const Query query{snapshot, study, *problem, search, tokens, list, size, options};
    const bool by_id = search.key == "id" && !search.descending;
    ASSIGN_OR_RETURN(page, by_id ? PageById(query, position) : PageSorted(query, position));
    return absl::OkStatus();
  }));
  return page;
}

}  // namespace photinus
