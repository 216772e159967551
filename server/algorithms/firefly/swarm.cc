#include "server/algorithms/firefly/swarm.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "server/algorithms/firefly/forces.h"
#include "server/algorithms/firefly/perturbation.h"
#include "server/algorithms/firefly/velocity.h"
#include "server/algorithms/sampling/default_point.h"
#include "server/algorithms/sampling/scrambled_sobol.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus::firefly {
namespace {

constexpr uint64_t kMoveStream = 0xf11e5, kInitialStream = 0x5eed, kOuterSeed = 0x0073;

constexpr double kBoldness = 10;          // of a perturbation, for a move that led nowhere
constexpr double kMaxPerturbation = 0.5;  // in unit coordinates
constexpr int kRetries = 5;               // of a move to a point that is known, each with twice the perturbation
constexpr int64_t kPatience = 4;          // pools of later trials that end while a fly waits for one of its moves
constexpr double kMutants = 0.8;  // share of new flies that are children of old ones, once the swarm was complete
constexpr int kTournament = 5;    // flies, the brightest of which becomes a parent

bool IsInside(const UnitPoint& unit) {
  return std::all_of(unit.begin(), unit.end(), [](double u) { return u >= 0 && u <= 1; });
}

}  // namespace

Swarm::Swarm(const Flatten& flatten, Species species, bool noisy, uint64_t seed, SwarmState state)
    : flatten_(flatten), layout_(flatten), species_(species), noisy_(noisy), seed_(seed), state_(std::move(state)) {
  if (species_ == Species::kHyper) hyper_ = state_.outer.hyper();
  capacity_ = PoolCapacity(flatten_.dimension(), hyper_.pool_exponent);
}

void Swarm::Learn(const SuggestRequest& request) {
  learns_ = !request.objectives.empty();
  // Suggestions that did not become trials.
  state_.seen_until = std::min(state_.seen_until, request.first_trial_id);
  while (!state_.waiting.empty() && state_.waiting.back().trial_id >= request.first_trial_id) state_.waiting.pop_back();
  trials_ = request.trials;
  News news = trials_ != nullptr ? Read(*trials_) : Listed(request);
  // A swarm that begins with more trials than it has room for, as after another algorithm, hatches from the newest: the
  // first of them were random.
  const size_t finished = news.finished.size();
  const size_t first = state_.flies.empty() && finished > capacity_ ? finished - capacity_ : 0;
  for (size_t i = first; i < finished; ++i) LearnFrom(std::move(news.finished[i]));
  for (size_t i = 0; i < first; ++i) LearnFrom(std::move(news.finished[i]));
  AwaitPending(std::move(news.pending), request.first_trial_id);
  state_.seen_until = request.first_trial_id;
}

Swarm::News Swarm::Listed(const SuggestRequest& request) const {
  News news;
  for (const EvaluatedPoint& evaluated : request.completed) {
    Finished finished{{evaluated.trial_id, Place(flatten_.ToUnit(evaluated.point))}, std::nullopt};
    const bool failed = evaluated.infeasible || Violates(evaluated.slacks);
    if (learns_) finished.goals = GoalsOf(evaluated.objectives, failed, request.objectives);
    news.finished.push_back(std::move(finished));
  }
  for (const PendingPoint& pending : request.pending) {
    news.pending.push_back({pending.trial_id, Place(flatten_.ToUnit(pending.point))});
  }
  return news;
}

Swarm::News Swarm::Read(const EncodedTrials& trials) const {
  News news;
  const auto read = [&](size_t row) {
    const EncodedTrials::Status status = trials.status(row);
    if (status == EncodedTrials::Status::kForeign) return;
    Seen seen{trials.id(row), Place(trials.unit(row))};
    if (status == EncodedTrials::Status::kPending) return news.pending.push_back(std::move(seen));
    Finished finished{std::move(seen), std::nullopt};
    if (learns_ && status == EncodedTrials::Status::kEvaluated && trials.Satisfies(row)) {
      finished.goals.emplace(trials.goals(row), trials.goals(row) + trials.objectives().size());
    }
    news.finished.push_back(std::move(finished));
  };
  for (const Waiting& waiting : state_.waiting) {
    if (waiting.trial_id < state_.seen_until && trials.Contains(waiting.trial_id)) read(trials.RowOf(waiting.trial_id));
  }
  for (size_t row = trials.LowerBound(state_.seen_until); row < trials.size(); ++row) read(row);
  return news;
}

std::optional<UnitPoint> Swarm::Place(std::optional<UnitPoint> unit) const {
  if (!unit.has_value() || !IsInside(*unit)) return std::nullopt;
  Random unused(0);  // every coordinate has a value
  Settle(flatten_, unused, *unit);
  return unit;
}

void Swarm::LearnFrom(Finished finished) {
  const std::optional<UnitPoint>& unit = finished.unit;
  if (!unit.has_value()) return;
  const auto waiting = std::lower_bound(state_.waiting.begin(), state_.waiting.end(), finished.trial_id,
                                        [](const Waiting& w, int64_t id) { return w.trial_id < id; });
  const bool awaited = waiting != state_.waiting.end() && waiting->trial_id == finished.trial_id;
  NoteVisit(*unit, awaited ? &*waiting : nullptr);
  if (!awaited && finished.trial_id < state_.seen_until) return;  // learnt before
  const bool ours = awaited && waiting->fly_id != kNoFly && SamePoint(waiting->unit, *unit);
  std::optional<std::vector<double>>& goals = finished.goals;
  if (goals.has_value()) state_.ranges.Include(*goals);
  const bool epoch_ended =
      ours && species_ == Species::kHyper &&
      state_.outer.Complete(goals.has_value() ? &*goals : nullptr, state_.ranges, MixSeed(seed_, kOuterSeed));
  if (goals.has_value()) {
    Teach(ours ? &*waiting : nullptr, *unit, *std::move(goals));
  } else if (ours) {
    Punish(waiting->fly_id, *unit);
  }
  if (epoch_ended) StartEpoch();
}

void Swarm::Teach(const Waiting* ours, const UnitPoint& unit, std::vector<double> goals) {
  const int64_t fly_id = ours != nullptr ? ours->fly_id : kNoFly;
  const size_t index = FindFly(state_.flies, fly_id);
  if (index == state_.flies.size()) {
    if (IsComplete()) return ImproveNearest(unit, std::move(goals));
    return Hatch(fly_id != kNoFly ? fly_id : state_.next_fly_id++, unit, std::move(goals));
  }
  Fly& fly = state_.flies[index];
  const Brightness brightness(state_.ranges, fly.id);
  if (brightness(goals) <= brightness(fly.goals)) return Punish(fly_id, unit);
  ++fly.moves;
  if (species_ == Species::kHyper) SpeedUp(layout_, unit, fly);
  fly.perturbation = std::min(hyper_.boost * fly.perturbation, std::max(kMaxPerturbation, fly.perturbation));
  Improve(fly, unit, std::move(goals));
}

void Swarm::Hatch(int64_t fly_id, const UnitPoint& unit, std::vector<double> goals) {
  const auto later = std::upper_bound(state_.flies.begin(), state_.flies.end(), fly_id,
                                      [](int64_t id, const Fly& fly) { return id < fly.id; });
  state_.flies.insert(later,
                      {.id = fly_id, .best = unit, .goals = std::move(goals), .perturbation = hyper_.perturbation});
  state_.was_complete = state_.was_complete || IsComplete();
}

void Swarm::ImproveNearest(const UnitPoint& unit, std::vector<double> goals) {
  const auto distance = [&](const Fly& fly) { return SquaredDistance(layout_, fly.best, unit); };
  Fly* nearest = &state_.flies.front();
  double shortest = distance(*nearest);
  for (Fly& fly : state_.flies) {
    const double d = distance(fly);
    if (d >= shortest) continue;
    nearest = &fly;
    shortest = d;
  }
  const Brightness brightness(state_.ranges, nearest->id);
  if (brightness(goals) > brightness(nearest->goals)) Improve(*nearest, unit, std::move(goals));
}

void Swarm::Improve(Fly& fly, const UnitPoint& unit, std::vector<double> goals) {
  fly.best = unit;
  fly.goals = std::move(goals);
}

void Swarm::Punish(int64_t fly_id, const UnitPoint& unit) {
  const size_t index = FindFly(state_.flies, fly_id);
  if (index == state_.flies.size()) return;
  Fly& fly = state_.flies[index];
  ++fly.moves;
  SlowDown(fly);
  fly.perturbation = SamePoint(fly.best, unit) ? std::min(kBoldness * fly.perturbation, kMaxPerturbation)
                                               : hyper_.penalty * fly.perturbation;
  const bool worn_out =
      fly.perturbation < hyper_.least_perturbation || static_cast<double>(fly.moves) > hyper_.age_limit;
  if (!worn_out || !IsComplete()) return;
  if (Brightest(state_.flies, Brightness(state_.ranges, fly.id)) == index) {
    fly.perturbation = std::max(fly.perturbation, hyper_.least_perturbation);
  } else {
    state_.flies.erase(state_.flies.begin() + static_cast<int64_t>(index));
  }
}

void Swarm::NoteVisit(const UnitPoint& unit, const Waiting* waiting) {
  if (trials_ != nullptr) return;
  const bool doubles_always_move = species_ == Species::kEagle || layout_.only_doubles;
  for (size_t i = 0; doubles_always_move && i < unit.size(); ++i) {
    if (layout_.kinds[i] == Kind::kDouble && unit[i] > 0 && unit[i] < 1) return;  // false where it is not active
  }
  const bool key_is_known = waiting != nullptr && waiting->key != 0 && SamePoint(waiting->unit, unit);
  state_.visited.insert(key_is_known ? waiting->key : PointKey(flatten_, unit));
}

void Swarm::StartEpoch() {
  hyper_ = state_.outer.hyper();
  capacity_ = PoolCapacity(flatten_.dimension(), hyper_.pool_exponent);
  const Brightness brightness(state_.ranges, 0);
  while (state_.flies.size() > capacity_) {
    size_t dimmest = 0;
    for (size_t i = 1; i < state_.flies.size(); ++i) {
      if (brightness(state_.flies[i].goals) <= brightness(state_.flies[dimmest].goals)) dimmest = i;
    }
    state_.flies.erase(state_.flies.begin() + static_cast<int64_t>(dimmest));
  }
  const double least = 2 * hyper_.least_perturbation;
  for (Fly& fly : state_.flies) {
    fly.perturbation = std::clamp(fly.perturbation, least, std::max(hyper_.perturbation, least));
  }
}

void Swarm::AwaitPending(std::vector<Seen> pending, int64_t next_trial) {
  std::vector<Waiting> before = std::exchange(state_.waiting, {});
  auto old = before.begin();
  in_flight_.assign(state_.flies.size(), 0);
  unhatched_ = 0;
  waiting_keys_.clear();
  auto later = std::ssize(pending);
  for (Seen& seen : pending) {
    const int64_t ended_since = next_trial - 1 - seen.trial_id - --later;
    while (old != before.end() && old->trial_id < seen.trial_id) ++old;
    Waiting waiting{.trial_id = seen.trial_id, .unit = std::move(seen.unit).value_or(UnitPoint())};
    const bool known = old != before.end() && old->trial_id == seen.trial_id;
    const bool is_late = ended_since > kPatience * static_cast<int64_t>(capacity_);  // such as one that was lost
    if (known && !is_late && SamePoint(old->unit, waiting.unit)) waiting.fly_id = old->fly_id;
    Await(std::move(waiting));
  }
}

void Swarm::Await(Waiting waiting) {
  if (!waiting.unit.empty()) {
    waiting.key = PointKey(flatten_, waiting.unit);
    waiting_keys_.insert(waiting.key);
  }
  if (waiting.fly_id != kNoFly) {
    const size_t index = FindFly(state_.flies, waiting.fly_id);
    if (index < state_.flies.size()) {
      ++in_flight_[index];
    } else {
      ++unhatched_;
    }
  }
  state_.waiting.push_back(std::move(waiting));
}

std::optional<Suggestion> Swarm::Suggest(int64_t trial_id) {
  Random random(MixSeed(MixSeed(seed_, kMoveStream), static_cast<uint64_t>(trial_id)));
  std::optional<size_t> mover;
  if (learns_ && !state_.flies.empty() && state_.flies.size() + unhatched_ >= capacity_) mover = ChooseMover();
  const std::optional<UnitPoint> unit = Propose(trial_id, mover, random);
  if (!unit.has_value()) return std::nullopt;
  Waiting waiting{.trial_id = trial_id, .unit = *unit};
  Explanation explanation;
  if (mover.has_value()) {
    waiting.fly_id = state_.last_mover = state_.flies[*mover].id;
    explanation = {"firefly", absl::StrCat("a move of firefly ", waiting.fly_id, ", which strays by ",
                                           state_.flies[*mover].perturbation)};
  } else if (learns_) {
    waiting.fly_id = state_.next_fly_id++;
    explanation = {kInitialArm, absl::StrCat("the first point of firefly ", waiting.fly_id)};
  } else {
    explanation = {kSobolArm, "a scrambled Sobol point: there is no objective"};
  }
  Await(std::move(waiting));
  state_.seen_until = trial_id + 1;
  return Suggestion{flatten_.ToPoint(*unit), std::move(explanation)};
}

size_t Swarm::ChooseMover() const {
  const int least = *std::min_element(in_flight_.begin(), in_flight_.end());
  size_t mover = NextFly(state_.flies, state_.last_mover);
  while (in_flight_[mover] > least) mover = (mover + 1) % state_.flies.size();
  return mover;
}

std::optional<UnitPoint> Swarm::Propose(int64_t trial_id, std::optional<size_t> mover, Random& random) const {
  const UnitPoint drawn = mover.has_value() ? Drawn(*mover, random) : UnitPoint();
  std::optional<UnitPoint> repeat;  // the last move to a point that is not being evaluated
  double perturbation = mover.has_value() ? state_.flies[*mover].perturbation : 0;
  for (int attempt = 0; attempt <= kRetries; ++attempt) {
    UnitPoint unit = mover.has_value() ? Strayed(drawn, perturbation, random) : NewPoint(trial_id, random);
    const uint64_t key = PointKey(flatten_, unit);
    if (!IsRepeated(key)) return unit;
    if (waiting_keys_.count(key) == 0) repeat = std::move(unit);
    perturbation = std::min(2 * perturbation, kMaxPerturbation);
  }
  const auto draw_other = [&](absl::FunctionRef<bool(uint64_t)> is_taken) {
    auto other = DrawOther(flatten_, random, [&](const UnitPoint& p) { return is_taken(PointKey(flatten_, p)); });
    if (other.has_value()) Settle(flatten_, random, *other);
    return other;
  };
  std::optional<UnitPoint> other = draw_other([this](uint64_t key) { return IsRepeated(key); });
  if (other.has_value() || !noisy_) return other;
  if (repeat.has_value()) return repeat;  // every point was tried, and none is known for sure
  return draw_other([this](uint64_t key) { return waiting_keys_.count(key) > 0; });
}

UnitPoint Swarm::NewPoint(int64_t trial_id, Random& random) const {
  UnitPoint unit;
  if (trial_id == 1 && HasDefaults(flatten_)) {
    unit = DefaultPoint(flatten_);
  } else if (species_ == Species::kHyper && state_.was_complete && !state_.flies.empty() &&
             random.Uniform() < kMutants) {
    const Brightness brightness(state_.ranges, state_.next_fly_id);
    const Fly* parent = nullptr;
    for (int i = 0; i < kTournament; ++i) {
      const Fly& rival = state_.flies[random.Below(state_.flies.size())];
      if (parent == nullptr || brightness(rival.goals) > brightness(parent->goals)) parent = &rival;
    }
    unit = parent->best;
    Mutate(layout_, random, unit);
  } else {
    unit = ScrambledSobol(flatten_.dimension(), MixSeed(seed_, kInitialStream)).At(static_cast<uint64_t>(trial_id - 1));
  }
  Settle(flatten_, random, unit);
  return unit;
}

UnitPoint Swarm::Drawn(size_t mover, Random& random) const {
  const Fly& fly = state_.flies[mover];
  const Brightness brightness(state_.ranges, fly.id);
  const double own = brightness(fly.goals);
  UnitPoint unit = fly.best;
  if (hyper_.recombination > 0 && random.Uniform() < hyper_.recombination) {
    std::vector<const UnitPoint*> brighter;
    for (const Fly& each : state_.flies) {
      if (brightness(each.goals) > own) brighter.push_back(&each.best);
    }
    Recombine(brighter, random, unit);
  } else {
    for (const size_t other : OthersInRandomOrder(state_.flies.size(), mover, random)) {
      const Fly& each = state_.flies[other];
      Attract(layout_, hyper_, each.best, brightness(each.goals) > own, random, unit);
    }
  }
  if (species_ == Species::kHyper) {
    Soar(layout_, hyper_, fly, state_.flies[Brightest(state_.flies, brightness)].best, random, unit);
    Settle(flatten_, random, unit);
  }
  return unit;
}

UnitPoint Swarm::Strayed(UnitPoint unit, double perturbation, Random& random) const {
  if (species_ == Species::kHyper) {
    PerturbSome(flatten_, layout_, hyper_, perturbation, random, unit);
  } else {
    Perturb(layout_, hyper_, perturbation, random, unit);
  }
  Settle(flatten_, random, unit);
  return unit;
}

bool Swarm::IsRepeated(uint64_t key) const {
  return waiting_keys_.count(key) > 0 || state_.visited.count(key) > 0 ||
         (trials_ != nullptr && trials_->HasPoint(key));
}

}  // namespace photinus::firefly
