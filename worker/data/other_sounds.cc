#include "worker/data/other_sounds.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "worker/data/channel.h"
#include "worker/data/filters.h"
#include "worker/data/tones.h"

namespace photinus::data {
namespace {

void MakeStrings(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(110, 500), decay = draw.Uniform(0.15, 0.5), note = draw.Uniform(0.15, 0.5);
  const double bright = draw.Uniform(0.5, 0.8);
  for (double start = draw.Uniform(0, 0.4); start < Length(sound); start += note) {
    const double pitch = hz * std::exp2(static_cast<double>(draw.Choice(13)) / 12);
    double amplitude = 1;
    for (int k = 1; k <= 10; ++k, amplitude *= bright) AddRing(sound, start, k * pitch, decay / k, amplitude);
  }
}

void MakeBirds(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(2500, 5500), sweep = draw.Uniform(0.1, 0.35), chirp = draw.Uniform(0.04, 0.16);
  const double gap = draw.Uniform(0.04, 0.3), trill = draw.Uniform(15, 40);
  const double direction = draw.Chance(0.5) ? 1 : -1;
  for (double start = draw.Uniform(0, 0.5); start < Length(sound); start += chirp + gap) {
    const Curve pitch = [=](double t) {
      return hz * (1 + direction * sweep * (t / chirp - 0.5) + 0.04 * std::sin(kTurn * trill * t));
    };
    AddTone(sound, start, chirp, pitch, Burst(chirp, chirp / 3), {1});
    if (draw.Chance(0.2)) start += 0.3;
  }
}

void MakeEngine(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(28, 95), drift = draw.Uniform(-0.3, 0.3), rough = draw.Uniform(0.1, 0.5);
  const double length = Length(sound);
  const Curve pitch = [=](double t) { return hz * (1 + drift * t / length); };
  AddTone(
      sound, 0, length, pitch, [=](double t) { return 0.7 + 0.3 * std::sin(kTurn * hz / 2 * t); },
      Harmonics(30, draw.Uniform(0.5, 1)));
  AddNoise(
      sound, 0, length, [=](double) { return rough; }, draw.random());
  Apply(LowPassFilter(draw.LogUniform(600, 2500), kClipRate, 0.7), sound);
}

void MakeWind(std::span<float> sound, ParameterDraw& draw) {
  const double gusts = draw.Uniform(0.4, 2), depth = draw.Uniform(0.3, 0.8), phase = draw.random().Uniform(0, kTurn);
  AddNoise(
      sound, 0, Length(sound), [=](double t) { return 1 + depth * std::sin(phase + kTurn * gusts * t); },
      draw.random());
  const double hz = draw.LogUniform(150, 900);
  for (int pass = 0; pass < 2; ++pass) Apply(LowPassFilter(hz, kClipRate, draw.Uniform(0.6, 2)), sound);
}

void MakeTyping(std::span<float> sound, ParameterDraw& draw) {
  const double rate = draw.Uniform(4, 12), hz = draw.LogUniform(1800, 4500), decay = draw.Uniform(0.002, 0.008);
  Random& random = draw.random();
  for (double start = draw.Uniform(0, 0.4); start < Length(sound); start += 0.05 + Wait(rate, random)) {
    const double force = 0.5 + 0.5 * random.Uniform();
    AddNoise(
        sound, start, 5 * decay, [=](double t) { return force * std::exp(-t / decay); }, random);
    AddRing(sound, start, hz * (0.9 + 0.2 * random.Uniform()), 2 * decay, force);
  }
  Apply(BandPassFilter(hz, kClipRate, 0.6), sound);
}

void MakeApplause(std::span<float> sound, ParameterDraw& draw) {
  const double rate = draw.LogUniform(12, 90), decay = draw.Uniform(0.004, 0.015);
  Random& random = draw.random();
  for (double start = 0; start < Length(sound); start += Wait(rate, random)) {
    const double force = 0.3 + 0.7 * random.Uniform();
    AddNoise(
        sound, start, 4 * decay, [=](double t) { return force * std::exp(-t / decay); }, random);
  }
  const double quality = draw.Uniform(0.5, 1.2), centre = draw.LogUniform(900, 2200);
  Apply(BandPassFilter(centre, kClipRate, quality), sound);
}

void MakeBabble(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(90, 290), bend = draw.Uniform(0.05, 0.25), syllable = draw.Uniform(0.12, 0.3);
  Random& random = draw.random();
  std::vector<float> voiced(sound.size());
  for (double start = draw.Uniform(0, 0.3); start < Length(sound); start += syllable) {
    if (random.Chance(0.15)) continue;
    const double pitch = hz * (1 + bend * (random.Uniform() - 0.5));
    std::fill(voiced.begin(), voiced.end(), 0.0f);
    AddTone(
        voiced, start, syllable, [=](double t) { return pitch * (1 - 0.3 * bend * t / syllable); },
        Burst(syllable, syllable / 4), Harmonics(20, 1));
    if (random.Chance(0.4))
      AddNoise(
          voiced, start, 0.06, [](double) { return 0.3; }, random);
    AddFormants(voiced, {random.Uniform(300, 900), random.Uniform(900, 2400)});
    std::transform(sound.begin(), sound.end(), voiced.begin(), sound.begin(), [](float a, float b) { return a + b; });
  }
}

void MakeHum(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(90, 420), beat = draw.Uniform(0.3, 3);
  AddTone(
      sound, 0, Length(sound), [=](double) { return hz; },
      [=](double t) { return 0.85 + 0.15 * std::sin(kTurn * beat * t); }, Harmonics(8, draw.Uniform(0.8, 1.8)));
  AddNoise(
      sound, 0, Length(sound), [=](double) { return 0.2; }, draw.random());
}

void MakeFootsteps(std::span<float> sound, ParameterDraw& draw) {
  const double period = 1 / draw.Uniform(1.4, 2.4), thump = draw.LogUniform(50, 110), rustle = draw.Uniform(0.1, 0.5);
  const double length = draw.Uniform(0.06, 0.16);
  for (double start = draw.Uniform(0, 0.4); start < Length(sound); start += period) {
    AddRing(sound, start, thump, 0.03, 1);
    const Curve scuff = Burst(length, length / 2);
    AddNoise(
        sound, start + 0.01, length, [=](double t) { return rustle * scuff(t); }, draw.random());
  }
  Apply(LowPassFilter(draw.LogUniform(1200, 4000), kClipRate, 0.7), sound);
}

void MakeKeys(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(3600, 6000), rate = draw.Uniform(9, 26), decay = draw.Uniform(0.01, 0.05);
  Random& random = draw.random();
  for (double start = draw.Uniform(0, 0.4); start < Length(sound); start += Wait(rate, random)) {
    for (int partial = 0; partial < 3; ++partial) {
      const double force = 0.3 + 0.7 * random.Uniform(), pitch = hz * (0.8 + 0.5 * random.Uniform());
      AddRing(sound, start, pitch, decay, force);
    }
  }
}

void MakeHeldNote(std::span<float> sound, ParameterDraw& draw) {
  const double hz = draw.LogUniform(220, 900), vibrato = draw.Uniform(4, 7), depth = draw.Uniform(0.003, 0.015);
  const double note = draw.Uniform(0.4, 1.1), slope = draw.Uniform(0.9, 2);
  for (double start = draw.Uniform(0, 0.4); start < Length(sound); start += note) {
    const double pitch = hz * std::exp2(static_cast<double>(draw.Choice(8)) / 12);
    AddTone(
        sound, start, note, [=](double t) { return pitch * (1 + depth * std::sin(kTurn * vibrato * t)); },
        Burst(note, 0.06), Harmonics(8, slope));
  }
  if (draw.Chance(0.5)) AddFormants(sound, {draw.Uniform(500, 900), draw.Uniform(1100, 1700)});
}

void MakeNothing(std::span<float> /*sound*/, ParameterDraw& /*draw*/) {}

constexpr SoundMaker kOtherSounds[] = {&MakeStrings,   &MakeBirds,    &MakeEngine,   &MakeWind,
                                       &MakeTyping,    &MakeApplause, &MakeBabble,   &MakeHum,
                                       &MakeFootsteps, &MakeKeys,     &MakeHeldNote, &MakeNothing};

}  // namespace

std::span<const SoundMaker> OtherSounds() { return kOtherSounds; }

}  // namespace photinus::data
