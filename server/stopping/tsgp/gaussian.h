#ifndef PHOTINUS_SERVER_STOPPING_TSGP_GAUSSIAN_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_GAUSSIAN_H_

namespace photinus {

struct Gaussian {
  double mean = 0;
  double variance = 0;
};

// What is known of a quantity after two independent observations of it; variances > 0.
inline Gaussian Product(const Gaussian& a, const Gaussian& b) {
  const double variance = 1 / (1 / a.variance + 1 / b.variance);
  return {variance * (a.mean / a.variance + b.mean / b.variance), variance};
}

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_GAUSSIAN_H_
