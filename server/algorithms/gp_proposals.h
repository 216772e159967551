// The point that the GP algorithm's models find most worth a trial.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_PROPOSALS_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_PROPOSALS_H_

#include <optional>

#include "common/base/random.h"
#include "server/algorithms/choice.h"
#include "server/algorithms/gp_posteriors.h"
#include "server/algorithms/point_prior.h"
#include "server/algorithms/sampling/visited_points.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// Of a request that these are the posteriors of. Maximises, as long as no trial satisfies the constraints, the
// probability that a point does; then the expected improvement, every second time near the best point if there is no
// noise, or pure exploration where that leads next to a point being evaluated; of several objectives the expected gain
// of hypervolume. prior: counts beside all that, less with every finished trial; may be null.
// Nullopt: every point is excluded, or the request was cancelled.
std::optional<Choice> ProposeByGp(const SuggestRequest& request, const GpPosteriors& posteriors,
                                  const VisitedPoints& excluded, const PointPrior* prior, Random& random);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_PROPOSALS_H_
