#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_BANDIT_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_BANDIT_H_

#include <utility>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// GAUSSIAN_PROCESS_BANDIT, the DEFAULT: log expected improvement under a Gaussian process.
//
// Begins with the defaults (the centre where there are none) and a few Sobol points. Then each suggestion maximises log
// EI [Ament et al. 2023] over valid points. Points being evaluated take part with their predicted value. Infeasible
// points, and objectives that are not finite, are learnt by a second GP as the probability of feasibility. Several
// objectives have a GP each, and a suggestion maximises the expected gain of hypervolume. A completed point is
// suggested again only if the request is noisy.
class GpBandit final : public SuggestionAlgorithm {
 public:
  // priors: where the best points are believed to lie (PointPrior). The first point is the most likely one, and the
  // Sobol points are as the prior is distributed; later the prior counts for less with every finished trial [Hvarfner
  // et al. 2022]. InvalidArgument of Suggest: what CheckPriors refuses.
  // reproducible: a suggestion waits for the fit that is due, and nothing is learnt besides, so that the suggestions of
  // a search depend on its results alone. Else they are quick, made from the fit that is there.
  explicit GpBandit(ParameterPriors priors = {}, bool reproducible = false)
      : priors_(std::move(priors)), reproducible_(reproducible) {}

  bool UsesEncodedTrials(std::string_view, int64_t) const override { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
  Lesson Learn(const SuggestRequest& request) const override;

 private:
  bool FitsAtOnce(const EncodedTrials& trials) const;

  const ParameterPriors priors_;
  const bool reproducible_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_BANDIT_H_
