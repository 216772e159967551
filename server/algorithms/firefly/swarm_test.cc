#include "server/algorithms/firefly/swarm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "server/algorithms/firefly/state.h"
#include "tests/support/search_space.h"

namespace photinus::firefly {
namespace {

constexpr char kSquare[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: 0 max_value: 1 } }
  parameters { parameter_id: "y" double_value_spec { min_value: 0 max_value: 1 } })";
constexpr size_t kPool = 12;  // of the square

// A study whose trials are suggested by a swarm that goes through its bytes between any two calls.
class SwarmTest : public ::testing::Test {
 protected:
  void SearchSpaceIs(const char* text) {
    space_ = Space(text);
    flatten_ = std::make_unique<Flatten>(space_);
  }

  Swarm Loaded() const {
    return Swarm(*flatten_, species_, false, 3, Parse(bytes_, flatten_->dimension(), objectives_.size()));
  }
  void Store(const Swarm& swarm) { bytes_ = Serialize(swarm.state(), flatten_->dimension()); }
  SwarmState State() const { return Parse(bytes_, flatten_->dimension(), objectives_.size()); }

  // What the server would tell now.
  void Learn(Swarm& swarm) {
    std::vector<EvaluatedPoint> completed;
    std::vector<PendingPoint> pending;
    const WantedTrials wanted = NewTo(bytes_);
    for (const auto& [id, trial] : trials_) {
      if (id < wanted.and_from && !std::binary_search(wanted.ids.begin(), wanted.ids.end(), id)) continue;
      if (trial.objectives.empty() && !trial.infeasible) {
        pending.push_back({id, trial.point});
      } else {
        completed.push_back(trial);
      }
    }
    swarm.Learn({.space = space_,
                 .objectives = objectives_,
                 .completed = completed,
                 .pending = pending,
                 .first_trial_id = next_id_});
  }

  // Takes in what is new.
  void Learn() {
    Swarm swarm = Loaded();
    Learn(swarm);
    Store(swarm);
  }

  // A new trial's id.
  int64_t Suggest() {
    Swarm swarm = Loaded();
    Learn(swarm);
    const auto suggestion = swarm.Suggest(next_id_);
    EXPECT_TRUE(suggestion.has_value());
    Store(swarm);
    return Add(suggestion->point);
  }
  int64_t Add(const Point& point) {
    trials_[next_id_] = {.trial_id = next_id_, .point = point};
    return next_id_++;
  }
  void Complete(int64_t id, double objective) { trials_[id].objectives = {objective}; }
  void Fail(int64_t id) { trials_[id].infeasible = true; }

  // Suggests and completes that many trials.
  void Run(int count, double (*objective)(const Point&)) {
    for (int i = 0; i < count; ++i) {
      const int64_t id = Suggest();
      Complete(id, objective(trials_[id].point));
    }
    Learn();
  }
  void FillPool() {
    Run(static_cast<int>(kPool), [](const Point& p) { return -Number(p, "x"); });
  }

  Species species_ = Species::kHyper;
  SearchSpace space_ = Space(kSquare);
  std::unique_ptr<Flatten> flatten_ = std::make_unique<Flatten>(space_);
  std::vector<Objective> objectives_ = {{.metric = "goal", .maximize = true}};
  std::map<int64_t, EvaluatedPoint> trials_;
  int64_t next_id_ = 1;
  std::string bytes_;
};

double Bowl(const Point& p) { return -std::pow(Number(p, "x") - 0.3, 2) - std::pow(Number(p, "y") - 0.6, 2); }
double Constant(const Point&) { return 1; }

TEST_F(SwarmTest, FillsItsPoolFirstAndThenMovesEachFlyInTurn) {
  FillPool();
  ASSERT_EQ(State().flies.size(), kPool);
  EXPECT_EQ(State().next_fly_id, static_cast<int64_t>(kPool) + 1);
  std::vector<int64_t> movers;
  for (size_t i = 0; i < 2 * kPool; ++i) {
    const int64_t id = Suggest();
    movers.push_back(State().waiting.back().fly_id);
    Complete(id, -1 - static_cast<double>(i));
  }
  for (size_t i = 0; i < movers.size(); ++i) EXPECT_EQ(movers[i], static_cast<int64_t>(i % kPool) + 1);
}

// As after another algorithm, whose first trials were random.
TEST_F(SwarmTest, HatchesFromTheNewestOfMoreTrialsThanItHasRoomFor) {
  constexpr size_t kTrials = 3 * kPool;
  for (size_t i = 1; i <= kTrials; ++i) {
    const double x = static_cast<double>(i) / kTrials;
    Complete(Add({{"x", x}, {"y", 0.5}}), x);
  }
  Learn();
  const std::vector<Fly> flies = State().flies;
  ASSERT_EQ(flies.size(), kPool);
  for (size_t i = 0; i < kPool; ++i) {
    EXPECT_EQ(flies[i].id, static_cast<int64_t>(i) + 1) << "the older the trial, the older the fly";
    EXPECT_NEAR(flies[i].best[0], static_cast<double>(kTrials - kPool + i + 1) / kTrials, 1e-6);
  }
}

// What is older still counts where it is better.
TEST_F(SwarmTest, OlderTrialsImproveTheNewestThatAreNearest) {
  Complete(Add({{"x", 0.0}, {"y", 0.5}}), 7);
  for (size_t i = 1; i <= kPool; ++i) {
    Complete(Add({{"x", static_cast<double>(i) / kPool}, {"y", 0.5}}), 1);
  }
  Learn();
  const std::vector<Fly> flies = State().flies;
  ASSERT_EQ(flies.size(), kPool);
  EXPECT_EQ(flies[0].goals, std::vector<double>{7});
  EXPECT_NEAR(flies[0].best[0], 0, 1e-6);
}

TEST_F(SwarmTest, AsksAFlyTwiceOnlyWhenAllAreInFlight) {
  FillPool();
  std::map<int64_t, int> in_flight;
  for (size_t i = 0; i < 3 * kPool; ++i) {
    Suggest();
    ++in_flight[State().waiting.back().fly_id];
    const int turn = static_cast<int>(i / kPool) + 1;
    for (const auto& [fly, count] : in_flight) EXPECT_LE(count, turn);
  }
}

TEST_F(SwarmTest, AFlyDoesNotWaitForEverForATrialThatWasLost) {
  FillPool();
  Suggest();
  const int64_t fly = State().waiting.back().fly_id;
  std::map<int64_t, int> moves;
  for (size_t i = 0; i < 6 * kPool; ++i) {
    const int64_t id = Suggest();
    ++moves[State().waiting.back().fly_id];
    Complete(id, -1 - static_cast<double>(i));
  }
  EXPECT_EQ(State().waiting.size(), 2u);
  EXPECT_GE(moves[fly], 1);
}

TEST_F(SwarmTest, ReservesFliesForPointsThatAreBeingEvaluated) {
  for (size_t i = 0; i < kPool; ++i) Suggest();
  const SwarmState state = State();
  std::set<int64_t> reserved;
  for (const Waiting& waiting : state.waiting) reserved.insert(waiting.fly_id);
  EXPECT_EQ(reserved.size(), kPool);
}

TEST_F(SwarmTest, AMoveThatImprovesReplacesThePointAndOneThatFailsCalmsTheFly) {
  FillPool();
  const Fly before = State().flies[0];
  int64_t id = Suggest();
  Complete(id, 7);
  Learn();
  Fly fly = State().flies[0];
  EXPECT_EQ(fly.goals, std::vector<double>{7});
  EXPECT_NE(fly.best, before.best);
  EXPECT_NEAR(fly.perturbation, 1.5 * before.perturbation, 1e-12);
  EXPECT_NEAR(fly.velocity[0], 0.5 * (fly.best[0] - before.best[0]), 1e-12);
  EXPECT_EQ(fly.moves, 1);

  for (size_t i = 1; i < kPool; ++i) Complete(Suggest(), -100);
  const Fly calm = State().flies[1];
  EXPECT_NEAR(calm.perturbation, 0.16, 1e-12);
  id = Suggest();
  EXPECT_EQ(State().waiting.back().fly_id, fly.id);
  Fail(id);
  Learn();
  fly = State().flies[0];
  EXPECT_EQ(fly.goals, std::vector<double>{7});
  EXPECT_NEAR(fly.perturbation, 0.8 * 0.3, 1e-12);
  EXPECT_EQ(fly.moves, 2);
}

TEST_F(SwarmTest, AFlyThatFailedFortyFourTimesIsReplacedButNeverTheBest) {
  species_ = Species::kEagle;
  FillPool();
  const int64_t best = State().flies[Brightest(State().flies, Brightness(State().ranges, 0))].id;
  Run(43 * static_cast<int>(kPool), [](const Point&) { return -100.0; });
  EXPECT_EQ(State().flies.size(), kPool);
  Complete(Suggest(), -100);
  Learn();
  EXPECT_EQ(State().flies.size(), kPool - 1);
  EXPECT_EQ(FindFly(State().flies, 1), kPool - 1) << "0.1 x 0.9^44 < 0.001";
  Run(5 * 44 * static_cast<int>(kPool), [](const Point&) { return -100.0; });
  EXPECT_LT(FindFly(State().flies, best), State().flies.size());
}

TEST_F(SwarmTest, WhereAllAreEqualTheOldestIsTheBest) {
  species_ = Species::kEagle;
  Run(60 * static_cast<int>(kPool), &Constant);
  EXPECT_EQ(State().flies[0].id, 1);
  EXPECT_GT(State().flies[1].id, static_cast<int64_t>(kPool)) << "the others wear out";
}

TEST_F(SwarmTest, OnlyHyperFireflyHasAnAgeLimit) {
  for (const Species species : {Species::kEagle, Species::kHyper}) {
    species_ = species;
    SwarmState old;
    for (int64_t id = 1; id <= static_cast<int64_t>(kPool); ++id) {
      old.flies.push_back({.id = id,
                           .best = {0.05 * static_cast<double>(id), 0.5},
                           .goals = {-static_cast<double>(id)},
                           .perturbation = 0.1,
                           .moves = 100});
    }
    old.ranges = {{-static_cast<double>(kPool)}, {-1}};
    old.next_fly_id = static_cast<int64_t>(kPool) + 1;
    old.last_mover = 3;
    old.was_complete = true;
    bytes_ = Serialize(old, 2);
    trials_.clear();
    next_id_ = 1;
    Complete(Suggest(), -100);
    Learn();
    EXPECT_EQ(FindFly(State().flies, 4) == State().flies.size(), species == Species::kHyper);
  }
}

TEST_F(SwarmTest, AFullPoolTakesAForeignTrialAsItsNearestFlyOnlyIfItIsBetter) {
  FillPool();
  const SwarmState before = State();
  const Fly& fly = before.flies[4];
  const Point near = flatten_->ToPoint({fly.best[0] + 1e-6, fly.best[1]});
  Complete(Add(near), -50);
  Learn();
  EXPECT_EQ(State().flies[4].best, fly.best);
  Complete(Add(near), 50);
  Learn();
  EXPECT_EQ(State().flies[4].goals, std::vector<double>{50});
  EXPECT_EQ(State().flies.size(), kPool);
  EXPECT_EQ(State().outer.completed, static_cast<int64_t>(kPool)) << "the outer search is about the swarm's own trials";
}

TEST_F(SwarmTest, LearnsEachTrialOnceWhateverTheOrder) {
  FillPool();
  std::vector<int64_t> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(Suggest());
  for (const int i : {2, 0, 3, 1}) {
    Complete(ids[i], -100);
    Learn();
    Learn();
    EXPECT_NEAR(State().flies[i].perturbation, 0.16, 1e-12);
  }
  EXPECT_EQ(State().outer.completed, static_cast<int64_t>(kPool) + 4);
  EXPECT_TRUE(State().waiting.empty());
}

TEST_F(SwarmTest, SaysWhichTrialsItLacks) {
  FillPool();
  const int64_t first = Suggest(), second = Suggest();
  Complete(second, 1);
  Learn();
  const WantedTrials lacking = NewTo(bytes_);
  EXPECT_EQ(lacking.ids, std::vector<int64_t>{first});
  EXPECT_EQ(lacking.and_from, second + 1);
  EXPECT_EQ(NewTo("").and_from, 1);
  EXPECT_EQ(NewTo("no state").and_from, 1);
}

TEST_F(SwarmTest, SuggestionsThatDidNotBecomeTrialsAreForgotten) {
  FillPool();
  Swarm swarm = Loaded();
  Learn(swarm);
  for (int64_t i = 0; i < 5; ++i) ASSERT_TRUE(swarm.Suggest(next_id_ + i).has_value());
  Store(swarm);
  const int64_t other = Add(flatten_->ToPoint({0.111, 0.222}));  // somebody else's, under the first of the ids
  Learn();
  ASSERT_EQ(State().waiting.size(), 1u);
  EXPECT_EQ(State().waiting[0].fly_id, kNoFly);
  Complete(other, 1000);
  Complete(Add(flatten_->ToPoint({0.9, 0.9})), -1000);
  Learn();
  EXPECT_EQ(State().ranges.highest, std::vector<double>{1000});
  EXPECT_EQ(State().ranges.lowest, std::vector<double>{-1000});
}

TEST_F(SwarmTest, DeletedTrialsAreForgottenUnlessTheyWereLearnt) {
  FillPool();
  const int64_t id = Suggest();
  trials_.erase(id);
  trials_.erase(1);
  Learn();
  EXPECT_TRUE(State().waiting.empty());
  EXPECT_EQ(State().flies.size(), kPool);
}

TEST_F(SwarmTest, GoesOnTheSameFromItsBytes) {
  Swarm kept = Loaded();
  for (int i = 0; i < 200; ++i) {
    Swarm loaded = Loaded();
    Learn(loaded);
    Learn(kept);
    const auto a = kept.Suggest(next_id_), b = loaded.Suggest(next_id_);
    ASSERT_EQ(a->point, b->point) << i;
    Store(loaded);
    Complete(Add(a->point), Bowl(a->point));
  }
}

TEST_F(SwarmTest, LearnsAllTrialsAnewWhenItsBytesAreLost) {
  Run(200, &Bowl);
  const double best = State().ranges.highest[0];
  bytes_.clear();
  Learn();
  EXPECT_EQ(State().flies.size(), kPool);
  EXPECT_EQ(State().flies[Brightest(State().flies, Brightness(State().ranges, 0))].goals[0], best);
  EXPECT_EQ(State().outer.epoch, 0);
  EXPECT_EQ(State().seen_until, next_id_);
}

// 1,600 points, of which its bytes keep at most 1,000.
class VisitedTest : public SwarmTest {
 protected:
  VisitedTest() {
    SearchSpaceIs(R"(parameters { parameter_id: "x" integer_value_spec { min_value: 0 max_value: 39 } }
                     parameters { parameter_id: "y" integer_value_spec { min_value: 0 max_value: 39 } })");
  }

  SuggestRequest Request(const EncodedTrials* trials) const {
    return {.space = space_,
            .objectives = objectives_,
            .completed = completed_,
            .pending = pending_,
            .first_trial_id = next_id_,
            .trials = trials};
  }

  std::vector<EvaluatedPoint> completed_;
  std::vector<PendingPoint> pending_;
};

TEST_F(VisitedTest, UsesUpASpaceThatIsLargerThanWhatItsBytesKeep) {
  std::set<Point> seen;
  for (int i = 0; i < 1600; ++i) {
    Swarm swarm = Loaded();
    EXPECT_EQ(NeedsAllTrials(bytes_), i > 1001) << i;
    Learn(swarm);
    const auto suggestion = swarm.Suggest(next_id_);
    ASSERT_TRUE(suggestion.has_value()) << i;
    ASSERT_TRUE(seen.insert(suggestion->point).second) << i;
    Store(swarm);
    ASSERT_LT(bytes_.size(), 12'000u);
    Complete(Add(suggestion->point), -Number(suggestion->point, "x"));
  }
  Swarm swarm = Loaded();
  Learn(swarm);
  EXPECT_FALSE(swarm.Suggest(next_id_).has_value());
}

TEST_F(VisitedTest, ReadsEncodedTrialsAsItReadsAList) {
  Run(1100, [](const Point& p) { return -Number(p, "x"); });
  ASSERT_TRUE(NeedsAllTrials(bytes_));
  Add({{"z", 1.0}});  // of another space
  Fail(Suggest());
  Complete(Suggest(), 5);
  Suggest();
  Add(flatten_->ToPoint({0.5, 0.5}));
  for (auto& [id, trial] : trials_) trial.slacks = {trial.objectives == std::vector{5.0} ? -1.0 : 1.0};
  EncodedTrials trials(space_, objectives_, /*constraints=*/1);
  for (const auto& [id, trial] : trials_) {
    trials.Add(id, trial.point);
    if (trial.objectives.empty() && !trial.infeasible) continue;
    trials.SetFinished(id, trial.objectives, trial.infeasible, trial.slacks);
  }
  Swarm listed = Loaded(), encoded = Loaded();
  Learn(listed);
  encoded.Learn(Request(&trials));
  for (int64_t i = 0; i < 100; ++i) {
    const auto a = listed.Suggest(next_id_ + i), b = encoded.Suggest(next_id_ + i);
    ASSERT_EQ(a->point, b->point) << i;
    for (const auto& [id, trial] : trials_) ASSERT_NE(b->point, trial.point) << id;
  }
}

TEST_F(SwarmTest, IgnoresBytesOfAnotherSpace) {
  FillPool();
  SearchSpaceIs(R"(parameters { parameter_id: "x" double_value_spec { min_value: 0 max_value: 1 } })");
  EXPECT_TRUE(State().flies.empty());
}

TEST_F(SwarmTest, AnEpochResizesThePoolAndKeepsTheBest) {
  FillPool();
  SwarmState state = State();
  for (int64_t id = kPool + 1; id <= 40; ++id) {
    state.flies.push_back({.id = id,
                           .best = {0.01 * static_cast<double>(id), 0.1},
                           .goals = {static_cast<double>(id)},
                           .perturbation = 0.9});
  }
  state.next_fly_id = 41;
  state.outer.completed = kEpoch - 1;
  bytes_ = Serialize(state, 2);
  Complete(Suggest(), -100);
  Learn();
  state = State();
  EXPECT_EQ(state.outer.epoch, 1);
  EXPECT_LT(state.flies.size(), 20u);
  EXPECT_EQ(state.flies.back().id, 40);
  for (const Fly& fly : state.flies) EXPECT_LE(fly.perturbation, state.outer.hyper().perturbation);
}

TEST_F(SwarmTest, EachFlyHasAViewOfItsOwnOnSeveralObjectives) {
  objectives_ = {{.metric = "a", .maximize = true}, {.metric = "b", .maximize = false}};
  for (int i = 0; i < 300; ++i) {
    const int64_t id = Suggest();
    const double x = Number(trials_[id].point, "x"), y = Number(trials_[id].point, "y");
    trials_[id].objectives = {x - y, x * x + y};  // front: y = 0
  }
  Learn();
  double least = 1, most = 0, height = 0;
  for (const Fly& fly : State().flies) {
    least = std::min(least, fly.best[0]);
    most = std::max(most, fly.best[0]);
    height += fly.best[1] / kPool;
  }
  EXPECT_LT(height, 0.15);
  EXPECT_GT(most - least, 0.3) << "all along the front";
}

}  // namespace
}  // namespace photinus::firefly
