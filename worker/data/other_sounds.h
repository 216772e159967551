#ifndef PHOTINUS_WORKER_DATA_OTHER_SOUNDS_H_
#define PHOTINUS_WORKER_DATA_OTHER_SOUNDS_H_

#include <span>

#include "worker/data/event_sounds.h"

namespace photinus::data {

// What the events task calls negative, each near to one of its events: plucked strings, birds, an engine, wind, typing,
// applause, babble, a fan's hum, footsteps, keys, a held note (flute or voice), and nothing but background.
std::span<const SoundMaker> OtherSounds();

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_OTHER_SOUNDS_H_
