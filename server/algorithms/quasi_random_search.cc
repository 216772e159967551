#include "server/algorithms/quasi_random_search.h"

#include "absl/strings/str_cat.h"
#include "server/algorithms/sampling/scrambled_sobol.h"

namespace photinus {

std::unique_ptr<DrawnSearch::Points> QuasiRandomSearch::PointsOf(int dimension, uint64_t seed) const {
  class Sequence final : public Points {
   public:
    Sequence(int dimension, uint64_t seed) : sobol_(dimension, seed) {}

    UnitPoint At(int64_t trial_id) override { return sobol_.At(static_cast<uint64_t>(trial_id - 1)); }
    Explanation Explain(int64_t trial_id) const override {
      return {kSobolArm, absl::StrCat("point ", trial_id - 1, " of a scrambled Sobol sequence")};
    }

   private:
    ScrambledSobol sobol_;
  };
  return std::make_unique<Sequence>(dimension, seed);
}

}  // namespace photinus
