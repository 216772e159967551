#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/command.h"
#include "client/cli/commands/study_drain.h"
#include "client/cli/commands/trial_filter.h"
#include "client/cli/records.h"
#include "client/cli/report/study_results.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/known_names.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"

namespace photinus {
namespace {

constexpr int kReopenings = 5;
constexpr int kMostTrials = 1000;  // that one command adds: more is a slip of the hand
constexpr int64_t kTrialsPerNote = 100;
constexpr int64_t kTop = 3, kRepeats = 5;  // of the paper on energy-efficient audio models, section 5

// FailedPrecondition while the search goes on, or may when it is resumed: what is best is not yet known, and retests
// would use up its budget.
absl::Status CheckSearchIsOver(const StudyName& name, const v1::StudyStatus& status) {
  if (status.study().state() != pb::Study::ACTIVE) return absl::OkStatus();
  if (status.paused()) {  // which drains, too
    return absl::FailedPreconditionError(
        absl::StrCat(name.ToString(), " is paused, and its search is not over; let it go on: photinus study resume ",
                     name.study, ", or end it: photinus study stop ", name.study));
  }
  if (status.draining()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(name.ToString(), " still searches; wait until it has completed (",
                                                    "photinus study watch ", name.study, "), or end it: photinus ",
                                                    "study stop ", name.study));
}

// Those of --trials. InvalidArgument: one is not among the candidates, which are what `candidates_are` says.
absl::StatusOr<std::vector<const pb::Trial*>> Named(const Args& args, const std::vector<const pb::Trial*>& candidates,
                                                    const std::string& candidates_are) {
  std::vector<const pb::Trial*> chosen;
  for (const absl::string_view text : absl::StrSplit(args.Text("trials"), ',')) {
    const auto is_it = [&](const pb::Trial* trial) { return trial->id() == text; };
    const auto found = std::find_if(candidates.begin(), candidates.end(), is_it);
    if (found == candidates.end()) {
      return FieldError("--trials", absl::StrCat("'", text, "' is no trial of the search that ", candidates_are));
    }
    if (std::find(chosen.begin(), chosen.end(), *found) == chosen.end()) chosen.push_back(*found);
  }
  return chosen;
}

// The trials to repeat, as --trials or --top and --filter say. FailedPrecondition: there are none.
absl::StatusOr<std::vector<const pb::Trial*>> ToRepeat(const Args& args, const StudyName& name,
                                                       const pb::StudySpec& spec, const StudyResults& results,
                                                       StudyClient& client) {
  const bool are_named = args.Has("trials");
  if (are_named && !args.Has("filter")) return Named(args, Within({}, results.searched), "succeeded");
  const std::vector<pb::StudySpec::MetricSpec> objectives = Objectives(spec);
  if (!are_named && objectives.size() != 1) {
    return FieldError("--trials", absl::StrCat("is required, such as --trials 3,7: the study has ", objectives.size(),
                                               " objectives, so no trial is the best"));
  }
  ASSIGN_OR_RETURN(const int64_t top, args.Positive("top", kTop));
  ASSIGN_OR_RETURN(const WinnerLimits limits, ReadWinnerLimits(args.Text("filter"), name, spec, client));
  const std::vector<const pb::Trial*> within = Within(limits, results.searched);
  const std::string fit = limits.filter.empty() ? "" : absl::StrCat(" and fits ", limits.filter);
  if (are_named) return Named(args, within, absl::StrCat("succeeded", fit));
  const auto chosen = BestBy(objectives[0], within, static_cast<size_t>(top));
  if (!chosen.empty()) return chosen;
  return absl::FailedPreconditionError(
      absl::StrCat(name.ToString(), " has no trial to repeat that has a final ", objectives[0].metric_id(), fit));
}

pb::Trial RetestOf(const pb::Trial& trial) {
  pb::Trial retest;
  *retest.mutable_parameters() = trial.parameters();
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (IsOwnNamespace(entry.ns()) && entry.key() == kArchitectureKey) *retest.add_metadata() = entry;
  }
  SetRole(kRetestRole, trial.id(), retest);
  return retest;
}

pb::Trial Baseline(const std::string& network) {
  pb::Trial trial;
  pb::KeyValue& entry = *trial.add_metadata();
  entry.set_ns(kDocumentNamespace);
  entry.set_key(kArchitectureKey);
  entry.set_value(BaselineArchitecture(network));
  SetRole(kBaselineRole, "", trial);
  return trial;
}

// Trials that are to be added, all alike.
struct Missing {
  pb::Trial trial;
  int64_t count = 0;
};

// Adds one trial.
absl::Status Add(const StudyName& name, const pb::Trial& trial, Session& session) {
  auto created = session.client.CreateTrial(name, trial);
  // The study has completed, perhaps just now, and may do so again before it has the trial.
  for (int attempt = 0; absl::IsFailedPrecondition(created.status()) && attempt < kReopenings; ++attempt) {
    RETURN_IF_ERROR(session.client.SetStudyState(name, pb::Study::ACTIVE).status());
    created = session.client.CreateTrial(name, trial);
  }
  return created.status();
}

// Adds all, and gives their number. InvalidArgument: they are too many, and none is added.
absl::StatusOr<int64_t> AddAll(const StudyName& name, const std::vector<Missing>& missing, Session& session) {
  double all = 0;  // may be more than an integer holds
  for (const Missing& each : missing) all += static_cast<double>(each.count);
  if (all > kMostTrials) {
    return FieldError("--repeats",
                      absl::StrFormat("%.0f trials would be added; at most %d are at once", all, kMostTrials));
  }
  int64_t added = 0;
  for (const Missing& each : missing) {
    for (int64_t i = 0; i < each.count; ++i) {
      RETURN_IF_ERROR(Add(name, each.trial, session));
      if (++added % kTrialsPerNote == 0) session.console.Note(absl::StrFormat("%d of %.0f trials added", added, all));
    }
  }
  return added;
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  ASSIGN_OR_RETURN(const int64_t repeats, args.Positive("repeats", kRepeats));
  const std::set<std::string> networks = absl::StrSplit(args.Text("baselines"), ',', absl::SkipEmpty());
  for (const std::string& network : networks) RETURN_IF_ERROR(CheckBaseline(network, "--baselines"));
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  RETURN_IF_ERROR(CheckSearchIsOver(name, status));
  ASSIGN_OR_RETURN(StudyResults results, ReadResults(name, session.client));
  ASSIGN_OR_RETURN(const auto chosen, ToRepeat(args, name, status.study().study_spec(), results, session.client));
  std::vector<Missing> missing;
  std::vector<std::string> what;
  const auto fill_up = [&](pb::Trial trial, size_t known, std::string name_of_it) {
    missing.push_back({std::move(trial), std::max(repeats - static_cast<int64_t>(known), int64_t{0})});
    what.push_back(std::move(name_of_it));
  };
  for (const pb::Trial* trial : chosen) {
    fill_up(RetestOf(*trial), results.retests[std::stoll(trial->id())].size(), absl::StrCat("trial ", trial->id()));
  }
  for (const std::string& text : networks) fill_up(Baseline(text), results.baselines[text].size(), text);
  ASSIGN_OR_RETURN(const int64_t added, AddAll(name, missing, session));
  session.console.Note(absl::StrCat(added, added == 1 ? " trial" : " trials", " added, for ", repeats,
                                    " of each: ", absl::StrJoin(what, ", ")));
  ASSIGN_OR_RETURN(const v1::StudyStatus now, session.client.GetStudyStatus(name));
  PrintState(name, now, session);
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyRetestCommand = {
    "study",
    "retest",
    "Train the best networks of a finished search again: longer, several times, to the end, and test them",
    "photinus study retest kws                       # the best three, five times each\n"
    "photinus study retest kws --top 1 --baselines mobilenet_v2,tc_resnet8_1.0\n"
    "photinus study retest kws --trials 17,42 --repeats 3\n"
    "photinus study retest kws --filter 'energy_mj <= 0.4 and memory_kb <= 60'",
    {{"study", "a study's id or full name; one that has completed, or that drains"}},
    {{"--top", "K", "how many of the best trials (3)"},
     {"--filter", "EXPR", "only of trials for which this holds (docs/cli.md)"},
     {"--trials", "IDS", "these trials instead: ids with commas between"},
     {"--repeats", "N", "how often each; what is there already counts (5); at most 1000 trials in all"},
     {"--baselines", "NETS", "published networks to train the same way, such as mobilenet_v2"}},
    &Run};

}  // namespace photinus
