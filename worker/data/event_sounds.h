#ifndef PHOTINUS_WORKER_DATA_EVENT_SOUNDS_H_
#define PHOTINUS_WORKER_DATA_EVENT_SOUNDS_H_

#include <span>

#include "worker/data/parameter_draw.h"

namespace photinus::data {

// Adds one generated sound to silence at kClipRate, of any level. Parameters come from `draw`.
using SoundMaker = void (*)(std::span<float> sound, ParameterDraw& draw);

// The sounds that the events task tells apart, in the order of its labels [arXiv 2202.05397, section 4.1]:
//   alarm      beeps of 1.8-3.9 kHz in one of four rhythms
//   baby       cries of 330-620 Hz that rise and fall, with vibrato, three formants and breath
//   dog        barks of 70-200 ms; a howl; a growl
//   knock      2-6 blows, each three damped modes of a plate of 90-420 Hz and a click
//   doorbell   1-4 struck tones with inharmonic partials; a buzzer
//   phone      a bell whose hammer strikes 12-28 times a second; a warble of two tones; a melody
//   siren      wail, yelp or two tones, passing by
//   water      a band of noise, and 15-250 rising bubbles a second
std::span<const SoundMaker> EventSounds();

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_EVENT_SOUNDS_H_
