#ifndef PHOTINUS_WORKER_DATA_TONES_H_
#define PHOTINUS_WORKER_DATA_TONES_H_

#include <functional>
#include <numbers>
#include <span>
#include <vector>

#include "worker/data/random.h"

namespace photinus::data {

// What generated sounds are made of. Each adds to `sound` at kClipRate; times are in seconds, and what lies beyond its
// end is cut.

inline constexpr double kTurn = 2 * std::numbers::pi;  // radians

// Of a sound, in seconds.
double Length(std::span<const float> sound);

// The time to the next of events that come `rate` times a second without memory.
double Wait(double rate, Random& random);

// A value over time, in seconds from the beginning of what it belongs to.
using Curve = std::function<double(double seconds)>;

// 1 between linear edges of `edge` seconds, 0 at both ends of `length`.
Curve Burst(double length, double edge);

// A tone that glides along `hz`; weights: the amplitudes of its harmonics, the fundamental first. Harmonics above the
// Nyquist frequency at the tone's beginning are left out.
void AddTone(std::span<float> sound, double start, double length, const Curve& hz, const Curve& amplitude,
             const std::vector<double>& weights);

// White noise of unit variance.
void AddNoise(std::span<float> sound, double start, double length, const Curve& amplitude, Random& random);

// A sine that is struck and decays to 1/e in `decay` seconds.
void AddRing(std::span<float> sound, double start, double hz, double decay, double amplitude);

// Raises the bands of a voice or a body, each by 18 dB.
void AddFormants(std::span<float> sound, const std::vector<double>& hz);

// `count` weights 1, 2^-slope, 3^-slope, ...
std::vector<double> Harmonics(int count, double slope);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_TONES_H_
