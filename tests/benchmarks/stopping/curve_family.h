// Made-up studies of which every learning curve is known to its end, stopped or not.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STOPPING_CURVE_FAMILY_H_
#define PHOTINUS_TESTS_BENCHMARKS_STOPPING_CURVE_FAMILY_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace photinus {

// What sets the studies of a family apart. Values are accuracies, times are shares of a full trial.
struct CurveFamily {
  std::string name;
  double slowness_of_good = 0;  // how much the log rate falls per deviation of quality: curves cross
  double diverging = 0;         // share of trials that fall to chance
  double jumping = 0;           // share of trials that rise late, as when the learning rate falls
  double noise = 0.006;         // deviation of a value
  double correlation = 0.3;     // of the noise of neighbouring values, AR(1)
};

// plain, crossing, divergence, jumps, noise.
const std::vector<CurveFamily>& CurveFamilies();
// Null if there is none.
const CurveFamily* FindCurveFamily(const std::string& name);

// One study of a family, fixed by its seeds.
class CurveStudy {
 public:
  static constexpr int kDimensions = 10;
  using Coordinates = std::array<double, kDimensions>;  // each in [0, 1]

  // seed: of what follows from the parameters; chance_seed: of the rest.
  CurveStudy(const CurveFamily& family, uint64_t seed, uint64_t chance_seed);
  CurveStudy(const CurveFamily& family, uint64_t seed) : CurveStudy(family, seed, seed) {}

  // All values of a trial, at steps 1..horizon. What chance brings depends on its seed and the trial's number alone, so
  // that rules can be compared.
  std::vector<double> Curve(const Coordinates& x, int64_t trial, int horizon) const;

 private:
  // A smooth function with interactions, about N(0, 1) over uniform x.
  struct Landscape {
    Coordinates slope, peak, phase;
    double Value(const Coordinates& x) const;
  };
  // How much of the way to the asymptote is left, from 1 down to 0: shares of four shapes of the literature.
  struct Shape {
    std::array<double, 4> weights;
    double rate = 1;
    double Left(double time) const;
  };

  static Landscape DrawLandscape(uint64_t seed);

  const CurveFamily family_;
  const uint64_t chance_seed_;
  const Landscape quality_, speed_;
  std::array<double, 4> weights_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_CURVE_FAMILY_H_
