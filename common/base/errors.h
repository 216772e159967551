// Errors as they travel to clients: a status code, a message for people, and a stable reason for programs.
#ifndef PHOTINUS_COMMON_BASE_ERRORS_H_
#define PHOTINUS_COMMON_BASE_ERRORS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace photinus {

// A status that carries `reason` (UPPER_SNAKE_CASE, listed in docs/errors.md); the API sends it as
// google.rpc.ErrorInfo.
absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message);

// InvalidArgument with reason INVALID_ARGUMENT and the offending field's path, such as "budget.trials" or
// "parameters[2].min": the message begins with it, and study files use it to find the line.
absl::Status FieldError(std::string_view field, std::string_view message);

// The reason of a status; its code's name where none was attached, empty for OK.
std::string ErrorReason(const absl::Status& status);

// The field path of a FieldError, empty otherwise.
std::string ErrorField(const absl::Status& status);

// The same error, found in the part `prefix` of a larger document: FieldError("min", m) in "parameters[2]" becomes
// FieldError("parameters[2].min", m). Other statuses pass unchanged.
absl::Status InField(std::string_view prefix, const absl::Status& status);

// "; did you mean 'horizon'?" for the known word nearest to `word`, or "" if none is near.
template <typename Words>
std::string DidYouMean(std::string_view word, const Words& known);

// How many letters must be inserted, deleted, replaced or swapped with their neighbour to get from one short word to
// the other.
int EditDistance(std::string_view a, std::string_view b);

template <typename Words>
std::string DidYouMean(std::string_view word, const Words& known) {
  std::string_view best;
  int best_distance = static_cast<int>(word.size()) / 3 + 2;  // farther words are no help
  for (const auto& candidate : known) {
    const int distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best.empty() ? "" : "; did you mean '" + std::string(best) + "'?";
}

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_ERRORS_H_
