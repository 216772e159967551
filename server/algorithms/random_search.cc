#include "server/algorithms/random_search.h"

#include "common/base/random.h"

namespace photinus {

std::unique_ptr<DrawnSearch::Points> RandomSearch::PointsOf(int dimension, uint64_t seed) const {
  class Draws final : public Points {
   public:
    Draws(int dimension, uint64_t seed) : dimension_(dimension), seed_(seed) {}

    UnitPoint At(int64_t trial_id) override {
      Random random(MixSeed(seed_, static_cast<uint64_t>(trial_id)));
      UnitPoint unit(static_cast<size_t>(dimension_));
      for (double& coordinate : unit) coordinate = random.Uniform();
      return unit;
    }
    Explanation Explain(int64_t) const override { return {kRandomArm, "random point"}; }

   private:
    const int dimension_;
    const uint64_t seed_;
  };
  return std::make_unique<Draws>(dimension, seed);
}

}  // namespace photinus
