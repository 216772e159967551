// The list of algorithms by name.
#ifndef PHOTINUS_SERVER_ALGORITHMS_REGISTRY_H_
#define PHOTINUS_SERVER_ALGORITHMS_REGISTRY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/study_document/study_document.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// The algorithm that AlgorithmSettings::switch_at belongs to.
inline constexpr char kHybrid[] = "HYBRID";

// An algorithm by its Vizier name; the empty string, DEFAULT and ALGORITHM_UNSPECIFIED mean our best one.
// InvalidArgument that lists the known names (and the nearest) for any other, also for names that are planned but not
// built. Where the settings tell to start warm, the algorithm begins with the best of SuggestRequest::prior.
absl::StatusOr<std::unique_ptr<SuggestionAlgorithm>> MakeAlgorithm(std::string_view name,
                                                                   const AlgorithmSettings& settings = {});

// InvalidArgument, naming what to use instead, if the algorithm cannot serve this problem.
absl::Status CheckAlgorithm(std::string_view name, const SearchSpace& space, const std::vector<Objective>& objectives);

// InvalidArgument, a FieldError at "warm_start", if the algorithm cannot begin with trials of other studies.
absl::Status CheckWarmStart(std::string_view name, const std::vector<Objective>& objectives);

// InvalidArgument, a FieldError at "priors...": the algorithm has no use for priors, or PointPrior refuses them.
absl::Status CheckPriors(std::string_view name, const SearchSpace& space, const ParameterPriors& priors);

// Every accepted spelling.
std::vector<std::string> AlgorithmNames();

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_REGISTRY_H_
