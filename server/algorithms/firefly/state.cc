#include "server/algorithms/firefly/state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "google/protobuf/arena.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "photinus/v1/firefly_state.pb.h"

namespace photinus::firefly {
namespace {

namespace io = ::google::protobuf::io;
namespace v1 = ::photinus::v1;
using Doubles = google::protobuf::RepeatedField<double>;

constexpr int32_t kFormat = 2;
constexpr size_t kMostVisited = 1000;  // that the bytes keep

// Whether the bytes leave it to the trials which points were evaluated.
bool AreElsewhere(const SwarmState& state) { return state.visited_elsewhere || state.visited.size() > kMostVisited; }

void Write(const std::vector<double>& values, Doubles& field) { field.Add(values.begin(), values.end()); }
std::vector<double> FromField(const Doubles& field) { return {field.begin(), field.end()}; }

// `count` numbers that begin `index` times as many into the field.
std::vector<double> Part(const Doubles& field, size_t index, size_t count) {
  const auto begin = field.begin() + static_cast<std::ptrdiff_t>(index * count);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

bool IsAtRest(const Fly& fly) {
  return std::all_of(fly.velocity.begin(), fly.velocity.end(), [](double v) { return v == 0; });
}

void Write(const std::vector<Fly>& flies, v1::Fireflies& message) {
  const bool all_at_rest = std::all_of(flies.begin(), flies.end(), IsAtRest);
  const auto count = static_cast<int>(flies.size());
  const auto units = flies.empty() ? 0 : count * static_cast<int>(flies[0].best.size());
  message.mutable_ids()->Reserve(count);
  message.mutable_best()->Reserve(units);
  message.mutable_goals()->Reserve(flies.empty() ? 0 : count * static_cast<int>(flies[0].goals.size()));
  message.mutable_perturbation()->Reserve(count);
  message.mutable_moves()->Reserve(count);
  if (!all_at_rest) message.mutable_velocity()->Reserve(units);
  for (const Fly& fly : flies) {
    message.add_ids(fly.id);
    Write(fly.best, *message.mutable_best());
    Write(fly.goals, *message.mutable_goals());
    message.add_perturbation(fly.perturbation);
    message.add_moves(fly.moves);
    if (all_at_rest) continue;
    Write(fly.velocity, *message.mutable_velocity());
    if (fly.velocity.empty()) message.mutable_velocity()->Resize(message.best_size(), 0);
  }
}

std::vector<Fly> Read(const v1::Fireflies& message, size_t dimension, size_t objectives) {
  std::vector<Fly> flies;
  flies.reserve(static_cast<size_t>(message.ids_size()));
  for (int i = 0; i < message.ids_size(); ++i) {
    const auto place = static_cast<size_t>(i);
    flies.push_back({.id = message.ids(i),
                     .best = Part(message.best(), place, dimension),
                     .goals = Part(message.goals(), place, objectives),
                     .velocity = Part(message.velocity(), place, message.velocity().empty() ? 0 : dimension),
                     .perturbation = message.perturbation(i),
                     .moves = message.moves(i)});
  }
  return flies;
}

void Write(const OuterSearch& outer, v1::FireflyOuterSearch& message) {
  message.set_epoch(outer.epoch);
  message.set_completed(outer.completed);
  Write(outer.window, *message.mutable_window());
  Write(outer.current, *message.mutable_current());
  message.set_current_fly(outer.current_fly);
  Write(outer.flies, *message.mutable_flies());
}

OuterSearch Read(const v1::FireflyOuterSearch& message) {
  OuterSearch outer;
  outer.epoch = message.epoch();
  outer.completed = message.completed();
  outer.window = FromField(message.window());
  outer.current = FromField(message.current());
  outer.current_fly = message.current_fly();
  outer.flies = Read(message.flies(), kOuterDimension, 1);
  return outer;
}

// The header, and the bytes of the FireflyState behind it; nullopt for bytes that Serialize did not write.
struct Split {
  v1::FireflyHeader header;
  std::string_view state;
};
std::optional<Split> ReadHeader(std::string_view bytes) {
  Split split;
  io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  bool at_end = false;
  if (!google::protobuf::util::ParseDelimitedFromCodedStream(&split.header, &input, &at_end)) return std::nullopt;
  split.state = bytes.substr(static_cast<size_t>(input.CurrentPosition()));
  const bool whole = static_cast<int64_t>(split.state.size()) == split.header.state_bytes();
  if (split.header.format() != kFormat || !whole) return std::nullopt;
  return split;
}

bool Fits(const v1::Fireflies& flies, size_t dimension, size_t objectives) {
  const auto count = static_cast<size_t>(flies.ids_size());
  const auto has = [](int size, size_t wanted) { return static_cast<size_t>(size) == wanted; };
  return has(flies.best_size(), count * dimension) && has(flies.goals_size(), count * objectives) &&
         (flies.velocity().empty() || has(flies.velocity_size(), count * dimension)) &&
         has(flies.perturbation_size(), count) && has(flies.moves_size(), count);
}

bool AreFinite(const Doubles& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); });
}

// Ranges are known as soon as there are goals, and nothing else of goals is known before.
bool HasGoalsOf(const v1::FireflyState& message, int objectives) {
  const int window = message.outer().window_size(), ranges = message.lowest_size();
  if (message.highest_size() != ranges) return false;
  if (ranges == 0) return window == 0 && message.flies().ids().empty();
  return ranges == objectives && window % objectives == 0 && window <= kEpoch * objectives;
}

bool Fits(const v1::FireflyOuterSearch& outer) {
  return Fits(outer.flies(), kOuterDimension, 1) && AreFinite(outer.flies().best()) &&
         AreFinite(outer.flies().perturbation()) && AreFinite(outer.current()) &&
         (outer.current_size() == 0 || outer.current_size() == kOuterDimension);
}

// What a swarm relies on.
bool Fits(const v1::FireflyHeader& header, const v1::FireflyState& message, int dimension, size_t objectives) {
  return message.dimension() == dimension && header.waiting_size() == message.waiting_size() &&
         HasGoalsOf(message, static_cast<int>(objectives)) &&
         Fits(message.flies(), static_cast<size_t>(dimension), objectives) && Fits(message.outer());
}

}  // namespace

std::string Serialize(const SwarmState& state, int dimension) {
  v1::FireflyHeader header;
  header.set_format(kFormat);
  header.set_seen_until(state.seen_until);
  header.set_visited_elsewhere(AreElsewhere(state));
  std::array<char, 1 << 15> block;  // most states are smaller
  google::protobuf::Arena arena(block.data(), block.size());
  auto& message = *google::protobuf::Arena::CreateMessage<v1::FireflyState>(&arena);
  message.set_dimension(dimension);
  Write(state.flies, *message.mutable_flies());
  message.set_next_fly_id(state.next_fly_id);
  message.set_last_mover(state.last_mover);
  message.set_was_complete(state.was_complete);
  for (const Waiting& waiting : state.waiting) {
    header.add_waiting(waiting.trial_id);
    v1::FireflyWaiting& written = *message.add_waiting();
    written.set_fly_id(waiting.fly_id);
    Write(waiting.unit, *written.mutable_unit());
  }
  Write(state.ranges.lowest, *message.mutable_lowest());
  Write(state.ranges.highest, *message.mutable_highest());
  if (!header.visited_elsewhere()) {
    message.mutable_visited()->Add(state.visited.begin(), state.visited.end());
    std::sort(message.mutable_visited()->begin(), message.mutable_visited()->end());
  }
  Write(state.outer, *message.mutable_outer());
  header.set_state_bytes(static_cast<int64_t>(message.ByteSizeLong()));
  std::string bytes;
  io::StringOutputStream output(&bytes);
  google::protobuf::util::SerializeDelimitedToZeroCopyStream(header, &output);
  bytes.reserve(bytes.size() + message.GetCachedSize());
  message.AppendToString(&bytes);
  return bytes;
}

SwarmState Parse(std::string_view bytes, int dimension, size_t objectives) {
  const std::optional<Split> split = ReadHeader(bytes);
  v1::FireflyState message;
  if (!split.has_value() || !message.ParseFromArray(split->state.data(), static_cast<int>(split->state.size())) ||
      !Fits(split->header, message, dimension, objectives)) {
    return {};
  }
  SwarmState state;
  state.flies = Read(message.flies(), static_cast<size_t>(dimension), objectives);
  state.next_fly_id = message.next_fly_id();
  state.last_mover = message.last_mover();
  state.was_complete = message.was_complete();
  for (int i = 0; i < message.waiting_size(); ++i) {
    const v1::FireflyWaiting& waiting = message.waiting(i);
    state.waiting.push_back({split->header.waiting(i), waiting.fly_id(), FromField(waiting.unit())});
  }
  state.seen_until = split->header.seen_until();
  state.ranges = {FromField(message.lowest()), FromField(message.highest())};
  state.visited.insert(message.visited().begin(), message.visited().end());
  state.visited_elsewhere = split->header.visited_elsewhere();
  state.outer = Read(message.outer());
  return state;
}

SwarmState AsParsed(SwarmState state) {
  state.visited_elsewhere = AreElsewhere(state);
  if (state.visited_elsewhere) state.visited.clear();
  return state;
}

WantedTrials NewTo(std::string_view bytes) {
  const std::optional<Split> split = ReadHeader(bytes);
  if (!split.has_value() || split->header.visited_elsewhere()) return {};
  const auto& waiting = split->header.waiting();
  return {.ids = {waiting.begin(), waiting.end()}, .and_from = split->header.seen_until()};
}

bool NeedsAllTrials(std::string_view bytes) {
  const std::optional<Split> split = ReadHeader(bytes);
  return split.has_value() && split->header.visited_elsewhere();
}

}  // namespace photinus::firefly
