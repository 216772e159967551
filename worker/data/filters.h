#ifndef PHOTINUS_WORKER_DATA_FILTERS_H_
#define PHOTINUS_WORKER_DATA_FILTERS_H_

#include <span>

namespace photinus::data {

// A second-order filter, y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y'' (a0 = 1) [R. Bristow-Johnson, Audio EQ Cookbook].
struct Biquad {
  double b0, b1, b2, a1, a2;
};

// Raises (or, gain_db < 0, lowers) a band around `hz`.
Biquad PeakFilter(double hz, double sample_rate, double quality, double gain_db);
// Passes what lies below `hz`; quality 0.707 is flat.
Biquad LowPassFilter(double hz, double sample_rate, double quality);
// Passes a band around `hz`, peak gain 1.
Biquad BandPassFilter(double hz, double sample_rate, double quality);

// Filters in place, from silence.
void Apply(const Biquad& filter, std::span<float> signal);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FILTERS_H_
