// Errors as they travel to clients: a status code, a message for people, and a stable reason for programs.
#ifndef PHOTINUS_COMMON_BASE_ERRORS_H_
#define PHOTINUS_COMMON_BASE_ERRORS_H_

#include <algorithm>
#include <cstddef>
#include <cstdlib>
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

// What somebody wrote, for a message: in single quotes, and shortened ("'aaa...'"), because it may have megabytes.
std::string Quoted(std::string_view text);

// The first `bytes` of UTF-8 text, whole characters only, with "..." in place of the rest.
std::string Shortened(std::string_view text, size_t bytes);

// "; did you mean 'horizon'?" for the known word nearest to `word`, or "" if none is near or `word` is no word at all
// (longer than kMaxWordBytes).
template <typename Words>
std::string DidYouMean(std::string_view word, const Words& known);

inline constexpr size_t kMaxWordBytes = 64;

// How many letters must be inserted, deleted, replaced or swapped with their neighbour to get from one short word to
// the other, whatever their case.
int EditDistance(std::string_view a, std::string_view b);

template <typename Words>
std::string DidYouMean(std::string_view word, const Words& known) {
  if (word.size() > kMaxWordBytes) return "";
  std::string_view best;
  int best_distance = static_cast<int>(word.size()) / 3 + 2;
  for (const std::string_view candidate : known) {
    const int longer = std::abs(static_cast<int>(candidate.size()) - static_cast<int>(word.size()));
    if (longer >= best_distance) continue;  // the distance is no less
    const int distance = EditDistance(word, candidate);
    const int most = static_cast<int>(std::min(candidate.size(), word.size())) / 3 + 1;  // farther words are no help
    if (distance < best_distance && distance <= most) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best.empty() ? "" : "; did you mean '" + std::string(best) + "'?";
}

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_ERRORS_H_
