// A swarm of fireflies that searches a space, one trial after another.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_SWARM_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_SWARM_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/firefly/brightness.h"
#include "server/algorithms/firefly/fly.h"
#include "server/algorithms/firefly/hyper_parameters.h"
#include "server/algorithms/firefly/layout.h"
#include "server/algorithms/firefly/outer_search.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus::firefly {

enum class Species {
  kEagle,  // google-vizier's firefly: forces and perturbation
  kHyper,  // also particle swarm velocity, an age limit with regularised evolution, and the outer search
};

inline constexpr int64_t kNoFly = 0;

// A trial that is being evaluated.
struct Waiting {
  int64_t trial_id = 0;
  int64_t fly_id = kNoFly;  // whose move it is, or the fly that it will become; kNoFly: suggested by somebody else
  UnitPoint unit;           // empty: not a point of this space
  uint64_t key = 0;         // its PointKey; 0: not yet known
};

// All that a swarm remembers between two calls.
struct SwarmState {
  std::vector<Fly> flies;  // ascending id; inactive coordinates are kInactive
  int64_t next_fly_id = 1;
  int64_t last_mover = kNoFly;
  bool was_complete = false;     // the pool has been full once
  std::vector<Waiting> waiting;  // ascending trial id
  int64_t seen_until = 1;        // all trials below, but the waiting ones, have been learnt
  GoalRanges ranges;
  // Keys of evaluated points. Where every move moves doubles, as all of kEagle do, and those of kHyper if there is
  // nothing else to move, without points that have a double inside its bounds: they cannot come twice.
  std::unordered_set<uint64_t> visited;
  bool visited_elsewhere = false;  // they were too many for the bytes: each request tells of all trials
  OuterSearch outer;
};

// Cost: O(pool x D) for each suggestion and for each trial that is new. Not thread-safe.
class Swarm {
 public:
  // The flattened space is borrowed. noisy: points may be repeated once all were tried.
  Swarm(const Flatten& flatten, Species species, bool noisy, uint64_t seed, SwarmState state);

  // Takes in what has become of trials since the last call, in order of their ids: the finished ones teach the swarm,
  // the others will be avoided. A finished trial that the swarm did not suggest, or whose fly has gone, becomes a fly
  // or improves the nearest one. Trials that are neither completed nor pending any more are forgotten.
  // Where the request has encoded trials they stay the swarm's for the time of its suggestions.
  void Learn(const SuggestRequest& request);

  // The next point, which is waiting from now on; nullopt: the space is used up.
  std::optional<Suggestion> Suggest(int64_t trial_id);

  const SwarmState& state() const& { return state_; }
  SwarmState state() && { return std::move(state_); }

 private:
  bool IsComplete() const { return state_.flies.size() >= capacity_; }
  // A trial as the swarm looks at it.
  struct Seen {
    int64_t trial_id = 0;
    std::optional<UnitPoint> unit;  // kInactive where a parameter is not active; nullopt: not a point of this space
  };
  struct Finished : Seen {
    std::optional<std::vector<double>> goals;  // nullopt: it failed, or there is no objective
  };
  struct News {
    std::vector<Finished> finished;  // ascending id, and so are the next
    std::vector<Seen> pending;
  };
  News Listed(const SuggestRequest& request) const;
  // Of the trials that the swarm awaits or has not seen.
  News Read(const EncodedTrials& trials) const;
  std::optional<UnitPoint> Place(std::optional<UnitPoint> unit) const;
  void LearnFrom(Finished finished);
  void Teach(const Waiting* ours, const UnitPoint& unit, std::vector<double> goals);
  void Punish(int64_t fly_id, const UnitPoint& unit);
  void Hatch(int64_t fly_id, const UnitPoint& unit, std::vector<double> goals);
  void ImproveNearest(const UnitPoint& unit, std::vector<double> goals);
  static void Improve(Fly& fly, const UnitPoint& unit, std::vector<double> goals);
  void NoteVisit(const UnitPoint& unit, const Waiting* waiting);
  void StartEpoch();
  void AwaitPending(std::vector<Seen> pending, int64_t next_trial);
  void Await(Waiting waiting);

  bool IsRepeated(uint64_t key) const;  // of a PointKey
  size_t ChooseMover() const;
  UnitPoint NewPoint(int64_t trial_id, Random& random) const;
  // Where the others draw a fly to, and a point nearby.
  UnitPoint Drawn(size_t mover, Random& random) const;
  UnitPoint Strayed(UnitPoint unit, double perturbation, Random& random) const;
  std::optional<UnitPoint> Propose(int64_t trial_id, std::optional<size_t> mover, Random& random) const;

  const Flatten& flatten_;
  const Layout layout_;
  const Species species_;
  const bool noisy_;
  const uint64_t seed_;
  SwarmState state_;
  HyperParameters hyper_;
  size_t capacity_;
  std::vector<int> in_flight_;  // waiting moves, by place in flies
  size_t unhatched_ = 0;        // waiting trials that will become flies
  std::set<uint64_t> waiting_keys_;
  bool learns_ = true;                     // there is an objective
  const EncodedTrials* trials_ = nullptr;  // of the request, where it has them
};

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_SWARM_H_
