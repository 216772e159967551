#ifndef PHOTINUS_WORKER_DATA_FFT_H_
#define PHOTINUS_WORKER_DATA_FFT_H_

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace photinus::data {

// The discrete Fourier transform of real signals of one length (a power of two, at least 4), with its tables made once.
//   X[k] = sum_n x[n] exp(-2 pi i k n / size),  k = 0..size/2
// Even and odd samples form one complex transform of half the length [Numerical Recipes, 12.3]. Not thread-safe
// (scratch).
class RealFft {
 public:
  explicit RealFft(size_t size);

  // signal: `size` samples. power: size/2 + 1 values, |X[k]|^2.
  void PowerSpectrum(std::span<const float> signal, std::span<float> power);

 private:
  void TransformHalf();

  const size_t half_;
  std::vector<std::complex<float>> twiddles_;  // exp(-2 pi i k / half), k < half/2
  std::vector<std::complex<float>> unpack_;    // exp(-2 pi i k / size), k <= half
  std::vector<size_t> reversed_;               // bit reversal of half
  std::vector<std::complex<float>> scratch_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FFT_H_
