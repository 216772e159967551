#include "server/algorithms/firefly/state.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "google/protobuf/arena.h"
#include "photinus/v1/firefly_state.pb.h"

namespace photinus::firefly {
namespace {

namespace v1 = ::photinus::v1;
using Doubles = google::protobuf::RepeatedField<double>;

constexpr int32_t kFormat = 1;
constexpr size_t kMostVisited = 1000;  // that the bytes keep

void Write(const std::vector<double>& values, Doubles& field) { field.Add(values.begin(), values.end()); }
std::vector<double> FromField(const Doubles& field) { return {field.begin(), field.end()}; }

void Write(const Fly& fly, v1::Firefly& message) {
  message.set_id(fly.id);
  Write(fly.best, *message.mutable_best());
  Write(fly.goals, *message.mutable_goals());
  Write(fly.velocity, *message.mutable_velocity());
  message.set_perturbation(fly.perturbation);
  message.set_moves(fly.moves);
}

Fly Read(const v1::Firefly& message) {
  return {.id = message.id(),
          .best = FromField(message.best()),
          .goals = FromField(message.goals()),
          .velocity = FromField(message.velocity()),
          .perturbation = message.perturbation(),
          .moves = message.moves()};
}

void Write(const OuterSearch& outer, v1::FireflyOuterSearch& message) {
  message.set_epoch(outer.epoch);
  message.set_completed(outer.completed);
  for (const auto& goals : outer.window) message.mutable_window()->Add(goals.begin(), goals.end());
  Write(outer.current, *message.mutable_current());
  message.set_current_fly(outer.current_fly);
  for (const Fly& fly : outer.flies) Write(fly, *message.add_flies());
}

OuterSearch Read(const v1::FireflyOuterSearch& message, size_t objectives) {
  OuterSearch outer;
  outer.epoch = message.epoch();
  outer.completed = message.completed();
  const Doubles& window = message.window();
  const auto width = static_cast<int>(objectives);
  for (int i = 0; width > 0 && i + width <= window.size(); i += width) {
    outer.window.emplace_back(window.begin() + i, window.begin() + i + width);
  }
  outer.current = FromField(message.current());
  outer.current_fly = message.current_fly();
  for (const v1::Firefly& fly : message.flies()) outer.flies.push_back(Read(fly));
  return outer;
}

// Null for other bytes. The arena holds the message; it saves most of the time.
const v1::FireflyState* ReadMessage(std::string_view bytes, google::protobuf::Arena& arena) {
  auto* message = google::protobuf::Arena::CreateMessage<v1::FireflyState>(&arena);
  if (bytes.empty() || !message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return nullptr;
  return message->format() == kFormat ? message : nullptr;
}

bool Fits(const v1::Firefly& fly, int dimension, size_t objectives) {
  return fly.best_size() == dimension && static_cast<size_t>(fly.goals_size()) == objectives &&
         (fly.velocity_size() == 0 || fly.velocity_size() == dimension);
}

// What a swarm relies on.
bool Fits(const v1::FireflyState& message, int dimension, size_t objectives) {
  const auto fly_fits = [&](const v1::Firefly& fly) { return Fits(fly, dimension, objectives); };
  const auto outer_fits = [](const v1::Firefly& fly) { return Fits(fly, kOuterDimension, 1); };
  const v1::FireflyOuterSearch& outer = message.outer();
  return message.dimension() == dimension && message.lowest_size() == message.highest_size() &&
         std::all_of(message.flies().begin(), message.flies().end(), fly_fits) &&
         std::all_of(outer.flies().begin(), outer.flies().end(), outer_fits) &&
         (outer.current_size() == 0 || outer.current_size() == kOuterDimension);
}

}  // namespace

std::string Serialize(const SwarmState& state, int dimension) {
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<v1::FireflyState>(&arena);
  message.set_format(kFormat);
  message.set_dimension(dimension);
  for (const Fly& fly : state.flies) Write(fly, *message.add_flies());
  message.set_next_fly_id(state.next_fly_id);
  message.set_last_mover(state.last_mover);
  message.set_was_complete(state.was_complete);
  for (const Waiting& waiting : state.waiting) {
    v1::FireflyWaiting& written = *message.add_waiting();
    written.set_trial_id(waiting.trial_id);
    written.set_fly_id(waiting.fly_id);
    Write(waiting.unit, *written.mutable_unit());
  }
  message.set_seen_until(state.seen_until);
  Write(state.ranges.lowest, *message.mutable_lowest());
  Write(state.ranges.highest, *message.mutable_highest());
  message.set_visited_elsewhere(state.visited_elsewhere || state.visited.size() > kMostVisited);
  if (!message.visited_elsewhere()) {
    message.mutable_visited()->Add(state.visited.begin(), state.visited.end());
    std::sort(message.mutable_visited()->begin(), message.mutable_visited()->end());
  }
  Write(state.outer, *message.mutable_outer());
  return message.SerializeAsString();
}

SwarmState Parse(std::string_view bytes, int dimension, size_t objectives) {
  google::protobuf::Arena arena;
  const v1::FireflyState* const message = ReadMessage(bytes, arena);
  if (message == nullptr || !Fits(*message, dimension, objectives)) return {};
  SwarmState state;
  for (const v1::Firefly& fly : message->flies()) state.flies.push_back(Read(fly));
  state.next_fly_id = message->next_fly_id();
  state.last_mover = message->last_mover();
  state.was_complete = message->was_complete();
  for (const v1::FireflyWaiting& waiting : message->waiting()) {
    state.waiting.push_back({waiting.trial_id(), waiting.fly_id(), FromField(waiting.unit())});
  }
  state.seen_until = message->seen_until();
  state.ranges = {FromField(message->lowest()), FromField(message->highest())};
  state.visited.insert(message->visited().begin(), message->visited().end());
  state.visited_elsewhere = message->visited_elsewhere();
  state.outer = Read(message->outer(), objectives);
  return state;
}

WantedTrials NewTo(std::string_view bytes) {
  google::protobuf::Arena arena;
  const v1::FireflyState* const message = ReadMessage(bytes, arena);
  if (message == nullptr || message->visited_elsewhere()) return {};
  WantedTrials trials{.and_from = message->seen_until()};
  for (const v1::FireflyWaiting& waiting : message->waiting()) trials.ids.push_back(waiting.trial_id());
  return trials;
}

bool NeedsAllTrials(std::string_view bytes) {
  google::protobuf::Arena arena;
  const v1::FireflyState* const message = ReadMessage(bytes, arena);
  return message != nullptr && message->visited_elsewhere();
}

}  // namespace photinus::firefly
