// The study document: what StudySpec cannot say. One versioned JSON document in the study's metadata
// (problem_entries.h) with the study file's own field names.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_STUDY_DOCUMENT_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_STUDY_DOCUMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "common/study_document/outcome_constraint.h"

namespace photinus {

// A metric that the server computes from reported ones; see common/expression.
struct DerivedMetric {
  std::string name;
  bool maximize = true;
  std::string expression;
};

struct EarlyStoppingSettings {
  std::string rule;              // a name of server/stopping
  std::string curve;             // the metric of the learning curve; empty: the first objective
  double horizon = 0;            // steps of a full trial; 0: unknown
  std::optional<bool> maximize;  // whether more of the curve is better; unset: the goal of the objective that it is
  // Options of rules; a rule refuses those that are not its own, and has defaults for its own.
  std::optional<double> min_steps;  // nothing is compared or stopped before
  std::optional<double> eta;        // of so many trials at a rung, one goes on
  std::string inner;                // the rule that is asked where patience ends; empty: none
  std::optional<int64_t> patience;  // values without improvement that are borne
  std::optional<double> min_delta;  // what counts as an improvement, in the curve's unit
  std::optional<double> delta;      // trials that promise less are stopped: a chance to be the best, or a gain
  std::optional<int64_t> checks;    // at so many of their last values in a row
  std::optional<double> exempt;     // the share of trials that are never stopped
  std::optional<int64_t> top;       // what counts as the best: the so-many-th best full trial
  std::string scale;                // of the curve: "linear", "log", "logit"; empty: the rule chooses
};

struct BudgetSettings {
  int64_t trials = 0;    // all there are, retests, baselines and waiting ones, too; 0: no limit
  int64_t parallel = 0;  // trials running at once; 0: no limit
};

inline constexpr int64_t kDefaultMaxAttempts = 3;

struct TrialSettings {
  std::string executor;           // "network", "command"
  std::vector<std::string> argv;  // command: {param} stands for a value
  std::string task;               // network: "audioset", "events", "keywords", "speech-commands"
  std::string folder;             // network: the user's clips, on the worker; of tasks that have no clips of their own
  std::string features;           // network: "log-mel", "mfcc"; empty: the worker's default
  // network: what is done to training examples, by the names of docs/study-file.md; none: the worker's default.
  std::map<std::string, double> augmentation;
  int64_t epochs = 0;
  int64_t evaluations = 0;
  int64_t max_attempts = kDefaultMaxAttempts;  // lost with its worker that often, a trial is given up
};

// Which study's trials a free worker gets: of those with the highest priority the one with the least running trials
// for its weight.
struct SchedulingSettings {
  int64_t priority = 0;
  double weight = 1;
};

inline constexpr int64_t kDefaultSwitchAt = 1000;

inline constexpr size_t kMaxWarmStarts = 5;

// What somebody believes of where the best points lie, by parameter: of a number {centre, deviation}, of other
// parameters a weight for each of some values. The document checks no more than that these are objects of numbers; what
// they mean is said in server/algorithms/point_prior.h.
using ParameterPriors = std::map<std::string, std::map<std::string, double>>;

// Options of the algorithm that the spec names.
struct AlgorithmSettings {
  std::optional<int64_t> switch_at;  // HYBRID: the last trial of its first algorithm
  // A suggestion waits for what is to be learnt of the trials, so that it does not depend on how fast they came.
  bool reproducible = false;
  // The document's own `warm_start`: the studies with whose trials the search begins. Resource names, or display names
  // of studies of the same owner.
  std::vector<std::string> warm_start;
  ParameterPriors priors;  // the document's own `priors`
};

struct StudyDocument {
  uint64_t seed = 0;  // from `seed`, else from the study's name
  bool has_seed = false;
  std::string space;  // a named space of common/spaces whose parameters the spec must contain; empty: none
  std::vector<DerivedMetric> derived;
  std::vector<OutcomeConstraint> outcome_constraints;
  std::optional<EarlyStoppingSettings> early_stopping;
  BudgetSettings budget;
  std::optional<TrialSettings> trial;
  SchedulingSettings scheduling;
  AlgorithmSettings algorithm;
};

// Parses and checks the document alone. InvalidArgument: a FieldError with the path of the field at fault; unknown keys
// name the nearest known one; keys that are known but not built yet say so.
absl::StatusOr<StudyDocument> ParseStudyDocument(std::string_view json);

// The document of a spec: its metadata entry, or an empty document. The spec's own default_stopping_spec counts as
// `early_stopping: {rule: TSGP}`. Also checks what concerns both: the named space's parameters, that expressions
// refer to no derived metric, that derived metrics stand in spec.metrics with the same goal.
absl::StatusOr<StudyDocument> StudyDocumentOf(const pb::StudySpec& spec);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_STUDY_DOCUMENT_H_
