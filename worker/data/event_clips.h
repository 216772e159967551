#ifndef PHOTINUS_WORKER_DATA_EVENT_CLIPS_H_
#define PHOTINUS_WORKER_DATA_EVENT_CLIPS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/data/clip_source.h"
#include "worker/data/task.h"

namespace photinus::data {

// The classes of the events task: alarm, baby, dog, knock, doorbell, phone, siren, water, and last `negative`, anything
// else [arXiv 2202.05397, section 4.1]. A label is an index into this list.
std::span<const std::string_view> EventClasses();
inline constexpr int kNegativeLabel = 8;

inline constexpr size_t kEventSamples = 32000;  // two seconds

// Generated sounds as heard through a room and a microphone. A clip follows from (seed, split, index) alone. Every
// second clip is negative; the others have the eight events in turn. The sounds' parameters are disjoint between splits
// (parameter_draw.h).
class EventClips : public ClipSource {
 public:
  EventClips(Task task, uint64_t seed) : task_(std::move(task)), seed_(seed) {}

  // All that the clips follow from, in words.
  std::string Title() const;

  size_t ClipSamples() const override { return kEventSamples; }
  size_t Size(Split split) const override { return static_cast<size_t>(task_.ClipCount(split)); }
  int Label(Split split, size_t index) const override;
  Result<std::vector<float>> Clip(Split split, size_t index) const override;

 private:
  const Task task_;
  const uint64_t seed_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_EVENT_CLIPS_H_
