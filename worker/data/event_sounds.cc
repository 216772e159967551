#include "worker/data/event_sounds.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "worker/data/channel.h"
#include "worker/data/filters.h"
#include "worker/data/tones.h"

namespace photinus::data {
namespace {

Curve Constant(double value) {
  return [value](double) { return value; };
}

void MakeAlarm(std::span<float> sound, ParameterDraw& draw) {
  enum { kThrice, kFast, kSlow, kTwoTones, kRhythms };
  const uint64_t rhythm = draw.Choice(kRhythms);
  const double hz = draw.LogUniform(1800, 3900);
  const double on = rhythm == kFast ? draw.Uniform(0.04, 0.12) : draw.Uniform(0.15, 0.4);
  const double off = rhythm == kTwoTones ? 0 : on * draw.Uniform(0.7, 1.3);
  const double pause = rhythm == kThrice ? draw.Uniform(0.3, 0.6) : 0;  // after every third beep
  const double second = rhythm == kTwoTones ? hz * draw.Uniform(0.8, 0.93) : hz;
  const std::vector<double> timbre = draw.Chance(0.4) ? std::vector<double>{1, 0, 0.33} : std::vector<double>{1};
  int beep = 0;
  for (double start = draw.Uniform(0, 0.4); start < Length(sound); start += on + off) {
    AddTone(sound, start, on, Constant(beep % 2 == 0 ? hz : second), Burst(on, 0.004), timbre);
    if (++beep % 3 == 0) start += pause;
  }
}

void MakeBaby(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(330, 620);
  const double rise = draw.Uniform(0.12, 0.35), vibrato = draw.Uniform(5, 9), depth = draw.Uniform(0.01, 0.03);
  const std::vector<double> formants = {draw.Uniform(900, 1300), draw.Uniform(2600, 3300), draw.Uniform(4000, 5000)};
  const std::vector<double> timbre = Harmonics(14, draw.Uniform(0.7, 1.1));
  const double cry = draw.Uniform(0.4, 0.95), breath = draw.Uniform(0.15, 0.4);
  for (double start = draw.Uniform(0, 0.35); start < Length(sound); start += cry + breath) {
    const Curve pitch = [=](double t) {
      return hz * (1 + rise * std::sin(std::numbers::pi * t / cry) + depth * std::sin(kTurn * vibrato * t));
    };
    AddTone(sound, start, cry, pitch, Burst(cry, 0.08), timbre);
    AddNoise(sound, start, cry, Constant(0.03), draw.random());
    const Curve gasp = Burst(breath, breath / 2);
    AddNoise(
        sound, start + cry, breath, [=](double t) { return 0.08 * gasp(t); }, draw.random());
  }
  AddFormants(sound, formants);
}

void MakeBarks(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(180, 700), glide = draw.Uniform(0.2, 0.6), hoarse = draw.Uniform(0.15, 0.5);
  const double bark = draw.Uniform(0.07, 0.2), period = bark + draw.Uniform(0.12, 0.5);
  const std::vector<double> formants = {draw.Uniform(500, 900), draw.Uniform(1100, 1900)};
  const uint64_t count = 2 + draw.Choice(5);
  double start = draw.Uniform(0, 0.5);
  for (uint64_t i = 0; i < count; ++i, start += period) {
    const Curve loudness = [=](double t) { return std::exp(-2.5 * t / bark) * std::min(1.0, t / 0.008); };
    const Curve pitch = [=](double t) { return hz * (1 + glide * std::sin(std::numbers::pi * t / bark)); };
    AddTone(sound, start, bark, pitch, loudness, Harmonics(12, 0.6));
    AddNoise(
        sound, start, bark, [=](double t) { return hoarse * loudness(t); }, draw.random());
  }
  AddFormants(sound, formants);
}

void MakeHowl(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(300, 700), rise = draw.Uniform(0.15, 0.5), length = draw.Uniform(0.9, 1.7);
  const Curve pitch = [=](double t) {
    return hz * (1 + rise * std::pow(std::sin(std::numbers::pi * t / length), 0.7));
  };
  AddTone(sound, draw.Uniform(0, 0.3), length, pitch, Burst(length, 0.25), Harmonics(6, 1.6));
}

void MakeGrowl(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(60, 130), roll = draw.Uniform(18, 36), length = draw.Uniform(0.8, 1.8);
  const Curve edges = Burst(length, 0.1);
  const Curve loudness = [=](double t) { return edges(t) * (0.6 + 0.4 * std::sin(kTurn * roll * t)); };
  const double start = draw.Uniform(0, 0.3);
  AddTone(sound, start, length, Constant(hz), loudness, Harmonics(20, 0.4));
  AddNoise(
      sound, start, length, [=](double t) { return 0.6 * loudness(t); }, draw.random());
  AddFormants(sound, {draw.Uniform(350, 800), draw.Uniform(1200, 2000)});
}

void MakeDog(std::span<float> sound, ParameterDraw& draw) {
  const uint64_t kind = draw.Choice(10);
  if (kind == 0) return MakeHowl(sound, draw);
  if (kind == 1) return MakeGrowl(sound, draw);
  MakeBarks(sound, draw);
}

void MakeKnock(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(90, 420);
  const double ratios[] = {1, draw.Uniform(1.5, 1.95), draw.Uniform(2.3, 2.95)};
  const double decay = draw.Uniform(0.015, 0.06), click = draw.Uniform(0.2, 0.8), period = draw.Uniform(0.12, 0.38);
  const uint64_t count = 2 + draw.Choice(5);
  double start = draw.Uniform(0, 0.5);
  for (uint64_t i = 0; i < count; ++i, start += period) {
    const double force = 0.7 + 0.3 * draw.random().Uniform();
    for (int mode = 0; mode < 3; ++mode)
      AddRing(sound, start, hz * ratios[mode], decay / (1 + mode), force / (1 + mode));
    AddNoise(
        sound, start, 0.004, [=](double t) { return force * click * (1 - t / 0.004); }, draw.random());
  }
}

void MakeBuzzer(std::span<float> sound, ParameterDraw& draw) {
  const double length = draw.Uniform(0.4, 1.3), slope = draw.Uniform(0.3, 0.8), hz = draw.LogUniform(90, 190);
  const double start = draw.Uniform(0, 0.5);
  AddTone(sound, start, length, Constant(hz), Burst(length, 0.01), Harmonics(30, slope));
}

void MakeDoorbell(std::span<float> sound, ParameterDraw& draw) {
  if (draw.Chance(0.2)) return MakeBuzzer(sound, draw);
  constexpr double kPartials[] = {1, 2.76, 5.4};  // of a free bar
  double hz = draw.LogUniform(480, 1000);
  const double interval = draw.Uniform(0.74, 0.86), decay = draw.Uniform(0.2, 0.6), period = draw.Uniform(0.3, 0.6);
  const double metal = draw.Uniform(0.15, 0.5);
  const uint64_t count = 1 + draw.Choice(4);
  double start = draw.Uniform(0, 0.4);
  for (uint64_t i = 0; i < count; ++i, start += period) {
    double amplitude = 1;
    for (const double partial : kPartials) {
      AddRing(sound, start, hz * partial, decay / partial, amplitude);
      amplitude *= metal;
    }
    hz *= i % 2 == 0 ? interval : 1 / interval;
  }
}

void MakeBell(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(900, 1700), strokes = draw.Uniform(12, 28), ratio = draw.Uniform(1.1, 1.35);
  const double on = draw.Uniform(0.7, 1.2), off = draw.Uniform(0.3, 0.7);
  for (double start = draw.Uniform(0, 0.3); start < Length(sound); start += on + off) {
    for (double blow = 0; blow < on; blow += 1 / strokes) {
      AddRing(sound, start + blow, hz, 0.08, 1);
      AddRing(sound, start + blow, hz * ratio, 0.07, 0.8);
      AddRing(sound, start + blow, hz * 2.7, 0.03, 0.4);
    }
  }
}

void MakeWarble(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(700, 1500), ratio = draw.Uniform(1.12, 1.4), rate = draw.Uniform(12, 26);
  const double on = draw.Uniform(0.5, 1.1), off = draw.Uniform(0.2, 0.7);
  const Curve pitch = [=](double t) { return std::fmod(t * rate, 1.0) < 0.5 ? hz : hz * ratio; };
  for (double start = draw.Uniform(0, 0.3); start < Length(sound); start += on + off) {
    AddTone(sound, start, on, pitch, Burst(on, 0.01), {1, 0.2, 0.2});
  }
}

void MakeMelody(std::span<float> sound, ParameterDraw& draw) {
  constexpr double kScale[] = {1, 9.0 / 8, 5.0 / 4, 3.0 / 2, 5.0 / 3, 2};  // pentatonic
  const double hz = draw.LogUniform(500, 1100), note = draw.Uniform(0.08, 0.22);
  const std::vector<double> timbre = Harmonics(6, draw.Uniform(0.8, 1.6));
  for (double start = draw.Uniform(0, 0.3); start < Length(sound); start += note) {
    const double pitch = hz * kScale[draw.Choice(std::size(kScale))];
    AddTone(sound, start, note, Constant(pitch), Burst(note, 0.01), timbre);
  }
}

void MakePhone(std::span<float> sound, ParameterDraw& draw) {
  constexpr SoundMaker kKinds[] = {&MakeBell, &MakeWarble, &MakeMelody};
  kKinds[draw.Choice(std::size(kKinds))](sound, draw);
}

void MakeSiren(std::span<float> sound, ParameterDraw& draw) {
  enum { kWail, kYelp, kTwoTones, kKinds };
  const uint64_t kind = draw.Choice(kKinds);
  const double low = kind == kTwoTones ? draw.LogUniform(380, 560) : draw.LogUniform(450, 750);
  const double span = kind == kTwoTones ? draw.Uniform(1.2, 1.45) : draw.Uniform(1.7, 2.4);
  const double rate = kind == kWail   ? draw.Uniform(0.2, 0.55)
                      : kind == kYelp ? draw.Uniform(2.4, 5)
                                      : draw.Uniform(0.8, 1.4);
  const double speed = draw.Uniform(-0.03, 0.03), phase = draw.random().Uniform();
  const double length = Length(sound);
  const Curve pitch = [=](double t) {
    const double turn = std::fmod(phase + rate * t, 1.0);
    const double height = kind == kTwoTones ? (turn < 0.5 ? 0 : 1) : 0.5 - 0.5 * std::cos(kTurn * turn);
    const double doppler = 1 - speed * std::tanh(6 * (t / length - 0.5));
    return low * std::pow(span, height) * doppler;
  };
  AddTone(sound, 0, length, pitch, Burst(length, 0.1), Harmonics(6, draw.Uniform(0.6, 1.3)));
}

void MakeWater(std::span<float> sound, ParameterDraw& draw) {
  const double rate = draw.LogUniform(15, 250), level = draw.Uniform(0.15, 0.6), length = Length(sound);
  const double low = draw.LogUniform(400, 900), high = draw.LogUniform(1200, 3400), rise = draw.Uniform(0.08, 0.35);
  AddNoise(sound, 0, length, Constant(level), draw.random());
  const double quality = draw.Uniform(0.4, 1), centre = draw.LogUniform(800, 4000);
  Apply(BandPassFilter(centre, kClipRate, quality), sound);
  Random& random = draw.random();
  for (double start = 0; start < length; start += Wait(rate, random)) {
    const double hz = low * std::pow(high / low, random.Uniform()), bubble = 0.008 + 0.03 * random.Uniform();
    const double loudness = 0.2 + 0.8 * random.Uniform();
    const Curve pitch = [=](double t) { return hz * (1 + rise * t / bubble); };
    AddTone(sound, start, bubble, pitch, [=](double t) { return loudness * std::exp(-4 * t / bubble); }, {1});
  }
}

constexpr SoundMaker kEventSounds[] = {&MakeAlarm,    &MakeBaby,  &MakeDog,   &MakeKnock,
                                       &MakeDoorbell, &MakePhone, &MakeSiren, &MakeWater};

}  // namespace

std::span<const SoundMaker> EventSounds() { return kEventSounds; }

}  // namespace photinus::data
