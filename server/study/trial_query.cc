#include "server/study/trial_query.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/exact_history.h"
#include "server/study/trial_scan.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

constexpr const char* kFixedNames[] = {"id", "state", "client_id", "measurements"};
constexpr const char* kStates[] = {"REQUESTED", "ACTIVE", "STOPPING", "SUCCEEDED", "INFEASIBLE"};

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

// InvalidArgument: what it compares with `state` is none.
absl::Status CheckStates(const Expression& filter) {
  for (const auto& [name, text] : filter.text_comparisons()) {
    if (name != "state" || std::count(std::begin(kStates), std::end(kStates), text) > 0) continue;
    return FieldError(
        "filter", absl::StrCat("there is no state ", Quoted(text), "; the states are ", absl::StrJoin(kStates, ", "),
                               DidYouMean(absl::AsciiStrToUpper(text), kStates)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Search> ParseSearch(const TrialSearch& search) {
  Search parsed;
  if (!search.filter.empty()) {
    auto filter = Expression::Parse(search.filter);
    if (!filter.ok()) return InField("filter", filter.status());
    if (!filter->aggregates().empty()) {
      return FieldError("filter", absl::StrCat("cannot compare with ", filter->aggregates()[0], " yet"));
    }
    RETURN_IF_ERROR(CheckStates(*filter));
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
Match MakeMatch(int64_t id, std::optional<Expression::Value> key) {
  Match match{id, std::move(key)};
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

// The names that mean something in this study whatever its trials report.
std::set<std::string> KnownNames(const StudyProblem& problem) {
  std::set<std::string> names(std::begin(kFixedNames), std::end(kFixedNames));
  for (const ObjectiveMetric& objective : problem.objectives) names.insert(objective.metric);
  for (const ProblemConstraint& constraint : problem.constraints) names.insert(constraint.outcome.metric);
  for (const DerivedFormula& formula : problem.derived) {
    names.insert(formula.metric);
    names.insert(formula.expression.variables().begin(), formula.expression.variables().end());
  }
  const auto& early_stopping = problem.document.early_stopping;
  if (early_stopping.has_value() && !early_stopping->curve.empty()) names.insert(early_stopping->curve);
  for (const Parameter& parameter : problem.space.parameters()) names.insert(parameter.id);
  return names;
}

// The names that `search` uses; those seen in a trial are taken out.
std::set<std::string> UnknownNames(const Search& search, const StudyProblem& problem) {
  std::set<std::string> names;
  if (search.filter.has_value()) names.insert(search.filter->variables().begin(), search.filter->variables().end());
  names.insert(search.key);
  for (const std::string& known : KnownNames(problem)) names.erase(known);
  return names;
}

absl::Status NameError(const Search& search, const std::string& name, const StudyProblem& problem) {
  const std::string state = absl::AsciiStrToUpper(name);
  const bool is_state = std::count(std::begin(kStates), std::end(kStates), state) > 0;
  return FieldError(search.key == name ? "order_by" : "filter",
                    absl::StrCat(Quoted(name), " is neither a metric nor a parameter of this study",
                                 is_state ? absl::StrCat("; states are written as text: state = '", state, "'")
                                          : DidYouMean(name, KnownNames(problem))));
}

using Fields = absl::FunctionRef<std::optional<Expression::Value>(std::string_view)>;

absl::StatusOr<bool> PassesFilter(const Search& search, Fields fields) {
  if (!search.filter.has_value()) return true;
  const auto result = search.filter->EvaluateBool([&](std::string_view name) { return fields(name); });
  if (absl::IsNotFound(result.status())) return false;
  if (!result.ok()) return FieldError("filter", std::string(result.status().message()));
  return *result;
}

// What the history by columns tells of the fields of a search: of the id and the state always, of objectives where
// the trial has a final value.
class Columns {
 public:
  // nullopt: the search uses other names.
  static std::optional<Columns> For(const Search& search, const StudyProblem& problem) {
    std::set<std::string> names = {search.key};
    if (search.filter.has_value()) names.insert(search.filter->variables().begin(), search.filter->variables().end());
    Columns columns;
    for (size_t i = 0; i < problem.objectives.size(); ++i) {
      if (names.erase(problem.objectives[i].metric) > 0) columns.objectives_[problem.objectives[i].metric] = i;
    }
    for (const char* name : {"id", "state"}) names.erase(name);
    return names.empty() ? std::optional(columns) : std::nullopt;
  }

  // False: the trial itself must be read.
  bool Tell(const HistoryTrial& trial) const {
    return std::none_of(objectives_.begin(), objectives_.end(),
                        [&](const auto& objective) { return std::isnan(trial.objective(objective.second)); });
  }
  // `read`: the trial itself, unless they tell.
  std::optional<Expression::Value> Field(const HistoryTrial& trial, const std::optional<pb::Trial>& read,
                                         std::string_view name) const {
    if (read.has_value()) return TrialField(*read, name);
    if (name == "id") return static_cast<double>(trial.id());
    if (name == "state") return pb::Trial::State_Name(trial.state());
    return trial.objective(objectives_.find(name)->second);
  }

 private:
  std::map<std::string, size_t, std::less<>> objectives_;  // of the search, by metric
};

// Judges trials, and takes out of `unknown` the names that it meets.
class Judge {
 public:
  Judge(const Search& search, std::set<std::string>& unknown) : search_(search), unknown_(unknown) {}

  absl::StatusOr<bool> Matches(const pb::Trial& trial) {
    for (auto name = unknown_.begin(); name != unknown_.end();) {
      name = TrialField(trial, *name).has_value() ? unknown_.erase(name) : std::next(name);
    }
    return PassesFilter(search_, [&](std::string_view name) { return TrialField(trial, name); });
  }

 private:
  const Search& search_;
  std::set<std::string>& unknown_;
};

// What one call works with.
struct Query {
  StudyCache& cache;
  Snapshot& snapshot;
  const StudyRow& study;
  const StudyProblem& problem;
  const Search& search;
  const PageTokens& tokens;
  const std::string& list;  // for the token
  int page_size;
  const ReadOptions& options;
};

// False where the page is full, which then says where the next one begins: after `position`.
bool PutOnPage(const Query& query, const PagePosition& position, pb::Trial trial, int64_t bytes, TrialPage& page,
               int64_t& page_bytes) {
  if (PageIsFull(static_cast<int64_t>(page.trials.size()), page_bytes, query.page_size, bytes)) {
    page.next_page_token = query.tokens.Make(query.list, position);
    return false;
  }
  page_bytes += bytes;
  page.trials.push_back(std::move(trial));
  return true;
}

absl::StatusOr<std::optional<pb::Trial>> ReadTrial(const Query& query, int64_t id) {
  RETURN_IF_ERROR(query.options.Check());
  ASSIGN_OR_RETURN(const auto row, query.snapshot.GetTrial(query.study.uid, id));
  if (!row.has_value()) return std::optional<pb::Trial>();
  ASSIGN_OR_RETURN(pb::Trial trial, ViewTrial(query.snapshot, query.study, query.problem, *row));
  return std::optional(std::move(trial));
}

// Whether the search finds a trial. Reads it, into `read`, only if its columns do not tell.
absl::StatusOr<bool> MatchesByColumns(const Query& query, const Columns& columns, const HistoryTrial& trial,
                                      std::optional<pb::Trial>& read) {
  read.reset();
  if (!columns.Tell(trial)) {
    ASSIGN_OR_RETURN(read, ReadTrial(query, trial.id()));
    if (!read.has_value()) return false;
  }
  return PassesFilter(query.search, [&](std::string_view name) { return columns.Field(trial, read, name); });
}

// A page of trials in the order of their ids, from where the last page ended. Reads on to the end only while a name
// of the search has been met nowhere.
absl::StatusOr<TrialPage> PageByReading(const Query& query, PagePosition position) {
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
      full = !PutOnPage(query, position, std::move(item.trial), item.bytes, page, bytes);
      if (!full) position.after = item.id;
    }
  }
  if (!unknown.empty()) return NameError(query.search, *unknown.begin(), query.problem);
  return page;
}

// The same, reading what matches.
absl::StatusOr<TrialPage> PageByColumns(const Query& query, const Columns& columns, PagePosition position) {
  TrialPage page;
  int64_t bytes = 0;
  ASSIGN_OR_RETURN(const auto history, ExactHistory(query.cache, query.snapshot, query.study, query.options));
  for (const HistoryTrial known : *history) {
    if (known.id() <= position.after) continue;
    if (known.id() > position.limit) break;
    std::optional<pb::Trial> trial;
    ASSIGN_OR_RETURN(const bool match, MatchesByColumns(query, columns, known, trial));
    if (!match) continue;
    if (!trial.has_value()) {
      ASSIGN_OR_RETURN(trial, ReadTrial(query, known.id()));
    }
    if (!trial.has_value()) continue;
    const auto size = static_cast<int64_t>(trial->ByteSizeLong());
    if (!PutOnPage(query, position, *std::move(trial), size, page, bytes)) break;
    position.after = known.id();
  }
  return page;
}

absl::StatusOr<TrialPage> PageById(const Query& query, const PagePosition& position) {
  const std::optional<Columns> columns = Columns::For(query.search, query.problem);
  if (query.search.filter.has_value() && columns.has_value()) return PageByColumns(query, *columns, position);
  return PageByReading(query, position);
}

absl::StatusOr<std::vector<Match>> FindByColumns(const Query& query, const Columns& columns,
                                                 const PagePosition& position) {
  std::vector<Match> matches;
  ASSIGN_OR_RETURN(const auto history, ExactHistory(query.cache, query.snapshot, query.study, query.options));
  for (const HistoryTrial known : *history) {
    if (known.id() > position.limit) break;
    std::optional<pb::Trial> read;
    ASSIGN_OR_RETURN(const bool match, MatchesByColumns(query, columns, known, read));
    if (match) matches.push_back(MakeMatch(known.id(), columns.Field(known, read, query.search.key)));
  }
  return matches;
}

absl::StatusOr<std::vector<Match>> FindByReading(const Query& query, const PagePosition& position) {
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
      if (match) matches.push_back(MakeMatch(item.id, TrialField(item.trial, query.search.key)));
    }
  }
  if (!unknown.empty()) return NameError(query.search, *unknown.begin(), query.problem);
  return matches;
}

// All of the list, in its order.
absl::StatusOr<std::vector<Match>> FindMatches(const Query& query, const PagePosition& position) {
  const std::optional<Columns> columns = Columns::For(query.search, query.problem);
  ASSIGN_OR_RETURN(std::vector<Match> matches,
                   columns.has_value() ? FindByColumns(query, *columns, position) : FindByReading(query, position));
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
    ASSIGN_OR_RETURN(std::optional<pb::Trial> trial, ReadTrial(query, match->id));
    if (!trial.has_value()) continue;
    const auto size = static_cast<int64_t>(trial->ByteSizeLong());
    if (!PutOnPage(query, position, *std::move(trial), size, page, bytes)) break;
    position.after = match->id;
    position.key = KeyText(match->key);
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
  return ParameterOf(trial, name);
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
    const Query query{store.cache(), snapshot, study, *problem, search, tokens, list, size, options};
    const bool by_id = search.key == "id" && !search.descending;
    ASSIGN_OR_RETURN(page, by_id ? PageById(query, position) : PageSorted(query, position));
    return absl::OkStatus();
  }));
  return page;
}

}  // namespace photinus
