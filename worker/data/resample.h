#ifndef PHOTINUS_WORKER_DATA_RESAMPLE_H_
#define PHOTINUS_WORKER_DATA_RESAMPLE_H_

#include <span>
#include <vector>

namespace photinus::data {

// Reads `signal` at steps of `step` input samples (step = input rate / output rate, any positive number) by a
// Hann-windowed sinc of 16 zero crossings whose cut-off is the lower of the two Nyquist frequencies.
// Returns floor(size / step) samples; what lies outside the signal counts as 0.
std::vector<float> Resample(std::span<const float> signal, double step);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_RESAMPLE_H_
