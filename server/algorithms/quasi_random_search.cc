#include "server/algorithms/quasi_random_search.h"

#include "absl/strings/str_cat.h"
#include "common/space/flatten.h"
#include "server/algorithms/sampling/scrambled_sobol.h"

namespace photinus {

absl::StatusOr<SuggestResult> QuasiRandomSearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  ScrambledSobol sobol(flatten.dimension(), request.seed);
  SuggestResult result;
  for (int i = 0; i < request.count; ++i) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("quasi-random search was cancelled");
    const int64_t index = request.first_trial_id + i - 1;
    result.suggestions.push_back({flatten.ToPoint(sobol.At(static_cast<uint64_t>(index))),
                                  {kSobolArm, absl::StrCat("point ", index, " of a scrambled Sobol sequence")}});
  }
  return result;
}

}  // namespace photinus
