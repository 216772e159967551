#include "worker/data/event_clips.h"

#include "worker/data/channel.h"
#include "worker/data/event_sounds.h"
#include "worker/data/other_sounds.h"
#include "worker/data/parameter_draw.h"
#include "worker/data/random.h"

namespace photinus::data {
namespace {

// Names the code that turns a seed into clips; changes whenever they do.
constexpr char kEventsVersion[] = "events-2";

constexpr std::string_view kClasses[] = {"alarm", "baby",  "dog",   "knock",   "doorbell",
                                         "phone", "siren", "water", "negative"};

}  // namespace

std::span<const std::string_view> EventClasses() { return kClasses; }

std::string EventClips::Title() const {
  return std::string("generator ") + kEventsVersion + ", task " + task_.name + ", seed " + std::to_string(seed_);
}

int EventClips::Label(Split /*split*/, size_t index) const {
  return index % 2 == 1 ? kNegativeLabel : static_cast<int>(index / 2 % EventSounds().size());
}

Result<std::vector<float>> EventClips::Clip(Split split, size_t index) const {
  Random random(DeriveSeed(seed_, SplitName(split), index));
  ParameterDraw draw(split, random);
  const int label = Label(split, index);
  const SoundMaker make = label == kNegativeLabel ? OtherSounds()[index / 2 % OtherSounds().size()]
                                                  : EventSounds()[static_cast<size_t>(label)];
  std::vector<float> clip(kEventSamples);
  make(clip, draw);
  HearInRoom(clip, random);
  AddSurroundings(clip, task_.mix, random);
  return clip;
}

}  // namespace photinus::data
