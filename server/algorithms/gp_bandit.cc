#include "server/algorithms/gp_bandit.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/first_success.h"
#include "server/algorithms/gp_posteriors.h"
#include "server/algorithms/gp_proposals.h"
#include "server/algorithms/gp_state.h"
#include "server/algorithms/gp_training.h"
#include "server/algorithms/point_prior.h"
#include "server/algorithms/sampling/default_point.h"
#include "server/algorithms/sampling/scrambled_sobol.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {
namespace {

constexpr int kMinInitial = 4, kMaxInitial = 6;  // evaluated points before the first model, about one per parameter
constexpr int64_t kLeastGood = 2;                // of them, however many failed
constexpr int64_t kFitAtOnce = 60;               // finished trials; of fewer, a request fits anew,
constexpr int64_t kFitValuesAtOnce = 120;        // if they have not more than so many values of all metrics
constexpr int kMaxPicks = 128;  // of one call that are optimised; the rest of the batch is spread evenly

// Each trial's own stream of random numbers; the initial design has one per study.
constexpr uint64_t kInitialStream = 0x5eed;

absl::Status Cancelled() { return absl::CancelledError("the search for a suggestion was cancelled"); }
absl::Status NoFit() { return absl::InternalError("no GP could be fitted to the history"); }

// Where there are enough trials for a model.
bool CanLearn(const EncodedTrials& trials) {
  if (trials.flatten().dimension() == 0 || trials.objectives().empty()) return false;
  const int64_t initial = std::clamp(trials.flatten().dimension(), kMinInitial, kMaxInitial);
  const int64_t good = trials.evaluated();
  return good >= initial || (good >= kLeastGood && good + trials.failed() >= 2 * initial);
}

// Whether there are enough trials, but too many of them failed for models of what they achieve.
bool FailsTooOften(const EncodedTrials& trials) {
  const int64_t initial = std::clamp(trials.flatten().dimension(), kMinInitial, kMaxInitial);
  return trials.flatten().dimension() > 0 && trials.evaluated() < kLeastGood &&
         trials.evaluated() + trials.failed() >= 2 * initial;
}

// The trials of a request that does not have them encoded.
std::unique_ptr<EncodedTrials> Encode(const SuggestRequest& request) {
  auto trials = std::make_unique<EncodedTrials>(request.space, request.objectives, request.constraints.size());
  for (const EvaluatedPoint& evaluated : request.completed) {
    trials->Add(evaluated.trial_id, evaluated.point);
    trials->SetFinished(evaluated.trial_id, evaluated.objectives, evaluated.infeasible, evaluated.slacks);
  }
  for (const PendingPoint& pending : request.pending) trials->Add(pending.trial_id, pending.point);
  return trials;
}

// One call of Suggest.
class Session {
 public:
  // posteriors: null while too little is known for models; prior: null if there is none.
  Session(const SuggestRequest& request, const EncodedTrials& trials, const PointPrior* prior,
          std::unique_ptr<GpPosteriors> posteriors)
      : request_(request),
        trials_(trials),
        prior_(prior),
        flatten_(trials.flatten()),
        posteriors_(std::move(posteriors)),
        first_success_(posteriors_ == nullptr && FailsTooOften(trials) ? FirstSuccess::Make(trials) : nullptr),
        excluded_(std::in_place, flatten_, trials.points()) {}

  absl::StatusOr<std::vector<Suggestion>> Run() {
    std::vector<Suggestion> suggestions;
    for (int i = 0; i < request_.count; ++i) {
      if (request_.cancelled && request_.cancelled()) return Cancelled();
      std::optional<Choice> choice = Next(i);
      while (!choice.has_value() && request_.noisy && ExcludeLess()) choice = Next(i);
      if (request_.cancelled && request_.cancelled()) return Cancelled();
      if (!choice.has_value()) break;  // the space is used up
      chosen_.push_back(choice->unit);
      excluded_->Add(choice->unit);
      suggestions.push_back({flatten_.ToPoint(choice->unit), std::move(choice->explanation)});
    }
    return suggestions;
  }

 private:
  // Where every point was tried, and none is known for sure: allows those that did not fail, then all that no running
  // trial has. False if these are allowed already.
  bool ExcludeLess() {
    if (repeats_ == Repeats::kAll) return false;
    repeats_ = repeats_ == Repeats::kNone ? Repeats::kNoFailures : Repeats::kAll;
    excluded_.emplace(flatten_, std::vector{&trials_.pending_points()});
    for (const UnitPoint& unit : chosen_) excluded_->Add(unit);
    if (repeats_ == Repeats::kAll) return true;
    for (const UnitPoint& unit : trials_.PointsThatOnlyFailed()) excluded_->Add(unit);
    return true;
  }

  // Nullopt: every point is excluded, or the request was cancelled.
  std::optional<Choice> Next(int i) {
    const int64_t trial_id = request_.first_trial_id + i;
    if (posteriors_ != nullptr && i < kMaxPicks) return FromModels(trial_id);
    // Where nothing succeeded a model knows only where not to look: every second point fills the space evenly.
    const bool by_model = first_success_ != nullptr && i < kMaxPicks && (trials_.evaluated() > 0 || trial_id % 2 == 0);
    std::optional<Choice> choice = by_model ? FromFailures(trial_id) : Spread(trial_id);
    if (first_success_ != nullptr && choice.has_value()) first_success_->AddPending(choice->unit);
    return choice;
  }

  std::optional<Choice> FromModels(int64_t trial_id) {
    Random random = RandomOf(trial_id);
    std::optional<Choice> choice = ProposeByGp(request_, *posteriors_, *excluded_, prior_, random);
    if (choice.has_value()) posteriors_->AddPending(trial_id, choice->unit);
    return choice;
  }

  std::optional<Choice> FromFailures(int64_t trial_id) const {
    Random random = RandomOf(trial_id);
    return first_success_->Propose(*excluded_, prior_, random, request_.cancelled);
  }

  Choice First() const {
    UnitPoint unit = DefaultPoint(flatten_);
    if (prior_ == nullptr) return {unit, {kDefaultArm, "the defaults, or the centre of the space"}};
    prior_->MoveToMode(unit);
    return {unit, {kDefaultArm, "the most likely point of the prior, and the defaults"}};
  }

  std::optional<Choice> Spread(int64_t trial_id) const {
    if (trials_.evaluated() + trials_.failed() + trials_.pending() == 0 && chosen_.empty()) {
      return First();
    }
    ScrambledSobol sobol(flatten_.dimension(), MixSeed(request_.seed, kInitialStream));
    UnitPoint unit = sobol.At(static_cast<uint64_t>(trial_id));
    if (prior_ != nullptr) prior_->MoveToQuantiles(unit);
    flatten_.Snap(unit);
    if (!excluded_->Contains(unit)) {
      return Choice{unit, {kSobolArm, "too little is known for a model, or the batch is large"}};
    }
    Random random = RandomOf(trial_id);
    const std::optional<UnitPoint> other = excluded_->DrawOther(random);
    if (!other.has_value()) return std::nullopt;
    return Choice{*other, {kRandomArm, "a random point not tried yet"}};
  }

  Random RandomOf(int64_t trial_id) const { return Random(MixSeed(request_.seed, static_cast<uint64_t>(trial_id))); }

  const SuggestRequest& request_;
  const EncodedTrials& trials_;
  const PointPrior* const prior_;
  const Flatten& flatten_;
  const std::unique_ptr<GpPosteriors> posteriors_;
  const std::unique_ptr<FirstSuccess> first_success_;  // null unless trials fail too often for posteriors
  std::optional<VisitedPoints> excluded_;              // not to be suggested
  std::vector<UnitPoint> chosen_;                      // by this call
  enum class Repeats { kNone, kNoFailures, kAll } repeats_ = Repeats::kNone;  // what may be suggested again
};

// The request's trials, or its points encoded into `own`.
const EncodedTrials& TrialsOf(const SuggestRequest& request, std::unique_ptr<EncodedTrials>& own) {
  if (request.trials != nullptr) return *request.trials;
  own = Encode(request);
  return *own;
}

// Nullopt: nothing was learnt, or it was lost.
std::optional<GpState> StateOf(const SuggestRequest& request, const EncodedTrials& trials) {
  return ReadGpState(request.state, trials.flatten(), trials.objectives().size() + trials.constraints());
}

GpLesson LessonOf(const EncodedTrials& trials, const std::optional<GpState>& state) {
  return MakeLesson(trials, state.has_value() ? &*state : nullptr);
}

}  // namespace

// Whether a request fits the trials anew by itself, as where there are few, so that there is nothing to learn besides.
bool GpBandit::FitsAtOnce(const EncodedTrials& trials) const {
  const int64_t finished = trials.evaluated() + trials.failed();
  const auto metrics = static_cast<int64_t>(trials.objectives().size() + trials.constraints());
  return reproducible_ || (finished < kFitAtOnce && metrics * finished <= kFitValuesAtOnce);
}

absl::StatusOr<SuggestResult> GpBandit::Suggest(const SuggestRequest& request) const {
  std::unique_ptr<EncodedTrials> own;
  const EncodedTrials& trials = TrialsOf(request, own);
  SuggestResult result{.state = std::string(request.state)};
  std::optional<GpState> state;
  if (CanLearn(trials)) {
    state = StateOf(request, trials);
    const bool at_once = FitsAtOnce(trials);
    if (!state.has_value() || (at_once && IsOutdated(*state, trials))) {
      const GpLesson lesson = LessonOf(trials, state);
      state = at_once ? photinus::Learn(lesson, request.cancelled) : LearnQuickly(lesson, request.cancelled);
      if (request.cancelled && request.cancelled()) return Cancelled();
      if (!state.has_value()) return NoFit();
      if (at_once)
        result.state = WriteGpState(*state);  // else nothing is kept that is worth less than what Learn gives
    }
  }
  std::unique_ptr<AlgorithmCache> none;
  std::unique_ptr<AlgorithmCache>& cache = request.cache != nullptr ? *request.cache : none;
  if (dynamic_cast<GpCache*>(cache.get()) == nullptr) cache = std::make_unique<GpCache>();
  std::unique_ptr<GpPosteriors> posteriors;
  if (state.has_value()) {
    ASSIGN_OR_RETURN(posteriors, GpPosteriors::Make(trials, *state, static_cast<GpCache&>(*cache)));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<PointPrior> prior, PointPrior::Make(trials.flatten(), priors_));
  ASSIGN_OR_RETURN(result.suggestions, Session(request, trials, prior.get(), std::move(posteriors)).Run());
  return result;
}

SuggestionAlgorithm::Lesson GpBandit::Learn(const SuggestRequest& request) const {
  std::unique_ptr<EncodedTrials> own;
  const EncodedTrials& trials = TrialsOf(request, own);
  if (!CanLearn(trials) || FitsAtOnce(trials)) return nullptr;
  const std::optional<GpState> state = StateOf(request, trials);
  if (state.has_value() && !IsOutdated(*state, trials)) return nullptr;
  return [lesson = LessonOf(trials, state)](const std::function<bool()>& cancelled) -> absl::StatusOr<std::string> {
    const std::optional<GpState> learned = photinus::Learn(lesson, cancelled);
    if (cancelled && cancelled()) return absl::CancelledError("learning was cancelled");
    if (!learned.has_value()) return NoFit();
    return WriteGpState(*learned);
  };
}

}  // namespace photinus
